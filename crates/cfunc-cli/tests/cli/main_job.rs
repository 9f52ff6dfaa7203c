//! The nodes of `examples/` over real prices give what plain Python computes, to the last bit.

use std::process::Command;

use crate::common::{Folder, Outcome, repository};

/// Runs a Python program that reads the prices and prints the rows that the command must write.
#[track_caller]
fn python(program: &str) -> String {
    let prelude = "\
import csv, datetime, math, sys

def number(value):
    return '' if value is None else repr(value)

def rows():
    with open(sys.argv[1], newline='') as file:
        yield from enumerate(csv.DictReader(file), 1)

";
    let output = Command::new("python3")
        .args(["-c", &format!("{prelude}{program}"), &repository("examples/data/sp500_daily.csv")])
        .output()
        .expect("python3 is needed by the tests");
    let outcome = Outcome::from(output);
    assert_eq!(outcome.status, 0, "{}", outcome.errors);
    outcome.output
}

/// Compares both line by line, since whole files make unreadable messages. Both engines must agree with Python.
#[track_caller]
fn same_as_python(node: &str, arguments: &[&str], lines: usize, program: &str) {
    let expected = python(program);
    assert_eq!(expected.lines().count(), lines);
    let folder = Folder::new();
    let (node, data) = (repository(&format!("examples/nodes/{node}.py")), repository("examples/data/sp500_daily.csv"));
    for engine in ["interpreter", "cranelift"] {
        let fixed = ["run", &node, "--input", &data, "--output", "out.csv", "--engine", engine];
        let outcome = folder.cfunc(&[&fixed, arguments].concat());
        assert_eq!(outcome.status, 0, "{}", outcome.errors);
        let written = folder.read("out.csv");
        for (number, (written, expected)) in written.lines().zip(expected.lines()).enumerate() {
            assert_eq!(written, expected, "{engine}, line {}", number + 1);
        }
        assert_eq!(written.lines().count(), lines, "{engine}");
    }
}

#[test]
fn ema() {
    let program = "\
print('row,ema')
average = None
for row, cells in rows():
    price = float(cells['Close'])
    average = price if average is None else 0.1 * price + (1.0 - 0.1) * average
    print(f'{row},{average!r}')
";
    same_as_python("ema", &["--column", "price=Close", "--const", "alpha=0.1"], 5032, program);
}

#[test]
fn statistics() {
    let program = "\
print('row,mean,deviation')
count, mean, squares = 0, 0.0, 0.0
for row, cells in rows():
    price = float(cells['Adj Close'])
    count += 1
    delta = price - mean
    mean += delta / count
    squares += delta * (price - mean)
    print(f'{row},{mean!r},{number(math.sqrt(squares / (count - 1)) if count > 1 else None)}')
";
    same_as_python("statistics", &["--column", "price=Adj Close"], 5032, program);
}

#[test]
fn drawdown() {
    let program = "\
print('row,drawdown,deepest')
peak, deepest = 0.0, 0.0
for row, cells in rows():
    price = float(cells['Close'])
    peak = max(peak, price)
    fall = (peak - price) / peak
    deeper = fall > deepest
    deepest = max(deepest, fall)
    print(f'{row},{fall!r},{number(deepest if deeper else None)}')
";
    same_as_python("drawdown", &["--column", "price=Close"], 5032, program);
}

#[test]
fn rsi() {
    let program = "\
print('row,rsi')
length, previous, changes, gain, loss = 14, None, 0, 0.0, 0.0
for row, cells in rows():
    price = float(cells['Close'])
    if previous is not None:
        changes += 1
        up, down = max(price - previous, 0.0), max(previous - price, 0.0)
        if changes <= length:
            gain += up / length
            loss += down / length
        else:
            gain = (gain * (length - 1) + up) / length
            loss = (loss * (length - 1) + down) / length
        if changes >= length:
            print(f'{row},{100.0 - 100.0 / (1.0 + gain / loss)!r}')
    previous = price
";
    same_as_python("rsi", &["--column", "price=Close", "--const", "length=14"], 5031 - 14 + 1, program);
}

#[test]
fn macd() {
    let program = "\
print('row,macd,signal,histogram')
fast = slow = signal = None
for row, cells in rows():
    price = float(cells['Close'])
    fast = price if fast is None else fast + (price - fast) * 2.0 / 13
    slow = price if slow is None else slow + (price - slow) * 2.0 / 27
    if row >= 26:
        difference = fast - slow
        signal = difference if signal is None else signal + (difference - signal) * 2.0 / 10
        print(f'{row},{difference!r},{signal!r},{difference - signal!r}')
";
    let arguments = ["--column", "price=Close", "--const=fast=12", "--const=slow=26", "--const=smoothing=9"];
    same_as_python("macd", &arguments, 5031 - 25 + 1, program);
}

#[test]
fn gaps() {
    let program = "\
print('row,since,gap')
previous = None
for row, cells in rows():
    date = datetime.datetime.strptime(cells['Date'], '%m/%d/%Y')
    if previous is not None and date - previous > datetime.timedelta(days=4):
        print(f'{row},{previous.isoformat()}Z,{int((date - previous).total_seconds())}s')
    previous = date
";
    let arguments = ["--column", "date=Date", "--time-format", "%m/%d/%Y", "--const", "longest=4d"];
    same_as_python("gaps", &arguments, 4, program);
}
