# Calls of plain functions. Arguments and results are words of a shape: of a list its length, then its elements.


class Shapes:
    def __init__(self, classes):
        self.classes = classes

    def decode(self, shape, words):
        match shape:
            case None:
                return None
            case ['tuple', parts]:
                return tuple([self.decode(part, words) for part in parts])
            case ['optional', inner]:
                return self.decode(inner, words) if next(words) else None
            case ['list', element]:
                return [self.decode(element, words) for _ in range(next(words))]
            case ['dict', key, value]:
                count = next(words)
                return dict([(self.decode(key, words), self.decode(value, words)) for _ in range(count)])
        return self.classes.decode(shape, words)

    def encode(self, shape, value):
        match shape:
            case None:
                if value is not None:
                    raise SystemError(f'{value!r} is not None')
                return []
            case ['tuple', parts]:
                return [word for part, element in zip(parts, value, strict=True) for word in self.encode(part, element)]
            case ['optional', inner]:
                return [0] if value is None else [1, *self.encode(inner, value)]
            case ['list', element]:
                return [len(value), *(word for one in value for word in self.encode(element, one))]
            case ['dict', key, element]:
                words = [len(value)]
                for name, one in value.items():
                    words += self.encode(key, name) + self.encode(element, one)
                return words
        if shape == 'float' and value != value:
            value = NAN
        if value is None:
            raise SystemError(f'None for a {shape}')
        words = self.classes.encode(shape, value)
        if isinstance(value, Struct):
            # Any nan is as good as another one.
            words = [*value.words_of_any_nan()]
        return words


class Calls(Run):
    def run(self):
        shapes = Shapes(self.classes)
        return [self.one(shapes, call) for call in self.request['calls']]

    def one(self, shapes, call):
        if call is None:
            return {'error': 'not taken', 'outputs': [None], 'states': {}}
        values = []
        for _, shape, words, same_as in call['arguments']:
            values.append(shapes.decode(shape, iter(words)) if same_as is None else values[same_as])
        given = list(zip(call['arguments'], values))
        positional = [value for (keyword, *_), value in given if keyword is None]
        result = error = message = None
        try:
            names = [keyword for keyword, *_ in call['arguments'] if keyword is not None]
            keywords = {keyword: value for (keyword, *_), value in given if keyword is not None}
            if len(keywords) < len(names):
                raise TypeError('a keyword is given twice')
            result = self.names[self.request['called']](*positional, **keywords)
        except Exception as raised:
            error, message = type(raised).__name__, str(raised)
        outputs = [None if error else shapes.encode(call['result'], result)]
        states = {str(index): shapes.encode(shape, value)
                  for index, ((_, shape, *_), value) in enumerate(given)}
        return {'error': error, 'message': message, 'outputs': outputs, 'states': states}


def main():
    for line in sys.stdin:
        request = json.loads(line)
        Options.python_errors = request['python_errors']
        Options.checked = request['checked']
        try:
            answer = {'results': (Run if request['calls'] is None else Calls)(request).run()}
        except Exception as failure:
            import traceback
            answer = {'fatal': ''.join(traceback.format_exception(failure)[-3:])}
        print(json.dumps(answer), flush=True)


if __name__ == '__main__':
    sys.setrecursionlimit(5000)
    main()
