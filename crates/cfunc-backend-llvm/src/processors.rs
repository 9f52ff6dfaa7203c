//! The names that LLVM 22 has for processors and for what they can do.
//!
//! LLVM tells nobody whether it knows a name: it prints that it does not, and goes on with another processor. Where it
//! knows the name and it is not one for programs of 64 bits, it ends the process.

use cfunc_backend::BackendError;
use cfunc_models::TargetCpu;
use inkwell::targets::TargetMachine;

use crate::LlvmBackend;

/// Refuses a processor and features that LLVM does not know, or cannot make code for that fits the rest of the process.
///
/// # Errors
///
/// [`BackendError::Unsupported`].
pub(crate) fn check(processor: &str, features: &str) -> Result<(), BackendError> {
    let refused = |feature: String| Err(BackendError::Unsupported { backend: LlvmBackend::NAME, feature });
    if processor == "native" {
        return refused(
            "the processor `native`: the one that this runs on is the default, `TargetCpu::Host`".to_owned(),
        );
    }
    if !is_in(PROCESSORS, processor) {
        return refused(format!("the processor `{processor}`{}", alike(PROCESSORS, processor)));
    }
    for feature in features.split(',').filter(|_| !features.is_empty()) {
        if feature.is_empty() {
            return refused(format!("the features `{features}` of processors: there is none between two commas"));
        }
        if feature.contains(char::is_whitespace) {
            let written: String = features.split_whitespace().collect();
            return refused(format!("the features `{features}` of processors: write `{written}`, without spaces"));
        }
        let Some(name) = feature.strip_prefix(['+', '-']) else {
            return refused(format!("the feature `{feature}` of processors: write `+{feature}` or `-{feature}`"));
        };
        if !is_in(FEATURES, name) {
            return refused(format!("the feature `{name}` of processors{}", alike(FEATURES, name)));
        }
        if feature.starts_with('-') && is_in(NEEDED, name) {
            return refused(format!("processors without `{name}`: floats are passed in registers that come with it"));
        }
    }
    Ok(())
}

/// Refuses to run code of features that this processor has not. What the features of a processor are that is named, LLVM
/// tells nobody.
///
/// # Errors
///
/// [`BackendError::Unsupported`].
pub(crate) fn check_runs_here(cpu: &TargetCpu) -> Result<(), BackendError> {
    let TargetCpu::Named { features, .. } = cpu else { return Ok(()) };
    if !features.contains('+') {
        return Ok(());
    }
    let host = TargetMachine::get_host_cpu_features().to_string_lossy().into_owned();
    let asked: Vec<&str> = features.split(',').collect();
    let is_absent = |feature: &&&str| {
        let name = feature.strip_prefix('+');
        // Of several words on one feature the last counts.
        let is_left_out = |name: &str| {
            asked.iter().rfind(|other| other.get(1..) == Some(name)).is_some_and(|last| last.starts_with('-'))
        };
        name.is_some_and(|name| {
            !is_left_out(name) && host.split(',').any(|known| known.strip_prefix('-') == Some(name))
        })
    };
    match asked.iter().find(is_absent) {
        None => Ok(()),
        Some(feature) => {
            let feature = format!(
                "running code with `{feature}` here, which this processor has not got; text, bitcode and object files are \
                 made for it from what another engine compiles"
            );
            Err(BackendError::Unsupported { backend: LlvmBackend::NAME, feature })
        }
    }
}

/// The name of a list that a name is in small letters, or those that begin as it does, as the end of a sentence.
fn alike(names: &str, name: &str) -> String {
    let small = name.to_ascii_lowercase();
    if is_in(names, &small) {
        return format!("; did you mean `{small}`?");
    }
    let start: String = small.chars().take(3).collect();
    let known: Vec<&str> = names.split(' ').filter(|known| known.starts_with(&start)).collect();
    if known.is_empty() || start.is_empty() { String::new() } else { format!("; it knows {}", known.join(", ")) }
}

/// Whether a name is one of a list.
fn is_in(names: &str, name: &str) -> bool {
    names.split(' ').any(|known| known == name)
}

/// Processors that run programs of 64 bits.
#[cfg(target_arch = "x86_64")]
const PROCESSORS: &str = "\
     alderlake amdfam10 arrowlake arrowlake-s athlon-fx athlon64 athlon64-sse3 atom barcelona bdver1 bdver2 bdver3 \
     bdver4 bonnell broadwell btver1 btver2 cannonlake cascadelake clearwaterforest cooperlake core-avx-i core-avx2 \
     core2 corei7 corei7-avx diamondrapids emeraldrapids generic goldmont goldmont-plus gracemont grandridge \
     graniterapids graniterapids-d haswell icelake-client icelake-server ivybridge k8 k8-sse3 knl knm lunarlake \
     meteorlake nehalem nocona novalake opteron opteron-sse3 pantherlake penryn raptorlake rocketlake sandybridge \
     sapphirerapids sierraforest silvermont skx skylake skylake-avx512 slm tigerlake tremont westmere wildcatlake \
     x86-64 x86-64-v2 x86-64-v3 x86-64-v4 znver1 znver2 znver3 znver4 znver5";

/// Features; those are left out that change how functions call each other, or which kind of program it is.
#[cfg(target_arch = "x86_64")]
const FEATURES: &str = "\
     adx aes allow-light-256-bit amx-avx512 amx-bf16 amx-complex amx-fp16 amx-fp8 amx-int8 amx-movrs amx-tf32 \
     amx-tile avx avx10.1 avx10.1-512 avx10.2 avx10.2-512 avx2 avx512bf16 avx512bitalg avx512bw avx512cd avx512dq \
     avx512f avx512fp16 avx512ifma avx512vbmi avx512vbmi2 avx512vl avx512vnni avx512vp2intersect avx512vpopcntdq \
     avxifma avxneconvert avxvnni avxvnniint16 avxvnniint8 bmi bmi2 branch-hint branchfusion ccmp cf cldemote \
     clflushopt clwb clzero cmov cmpccxadd crc32 cx16 cx8 egpr enqcmd ermsb evex512 f16c false-deps-getmant \
     false-deps-lzcnt-tzcnt false-deps-mulc false-deps-mullq false-deps-perm false-deps-popcnt false-deps-range \
     fast-11bytenop fast-15bytenop fast-7bytenop fast-bextr fast-dpwssd fast-gather fast-hops fast-imm16 fast-lzcnt \
     fast-movbe fast-scalar-fsqrt fast-scalar-shift-masks fast-shld-rotate fast-variable-crosslane-shuffle \
     fast-variable-perlane-shuffle fast-vector-fsqrt fast-vector-shift-masks faster-shift-than-shuffle fma fma4 \
     fsgsbase fsrm fxsr gfni hreset idivl-to-divb idivq-to-divl inline-asm-use-gpr32 invpcid kl lea-sp lea-uses-ag \
     lwp lzcnt macrofusion mmx movbe movdir64b movdiri movrs mwaitx ndd nf no-bypass-delay no-bypass-delay-blend \
     no-bypass-delay-mov no-bypass-delay-shuffle nopl pad-short-functions pclmul pconfig pku popcnt ppx \
     prefer-128-bit prefer-256-bit prefer-legacy-setcc prefer-mask-registers prefer-movmsk-over-vtest \
     prefer-no-gather prefer-no-scatter prefetchi prfchw ptwrite push2pop2 raoint rdpid rdpru rdrnd rdseed rtm sahf \
     sbb-dep-breaking serialize sgx sha sha512 shstk slow-3ops-lea slow-incdec slow-lea slow-pmaddwd slow-pmulld \
     slow-pmullq slow-shld slow-two-mem-ops slow-unaligned-mem-16 slow-unaligned-mem-32 sm3 sm4 sse sse-unaligned-mem \
     sse2 sse3 sse4.1 sse4.2 sse4a ssse3 tbm tsxldtrk tuning-fast-imm-vector-shift uintr use-glm-div-sqrt-costs \
     use-slm-arith-costs usermsr vaes vpclmulqdq vzeroupper waitpkg wbnoinvd widekl x87 xop xsave xsavec xsaveopt \
     xsaves zu";

/// What no processor may be without.
#[cfg(target_arch = "x86_64")]
const NEEDED: &str = "sse sse2";

/// Processors that run programs of 64 bits.
#[cfg(target_arch = "aarch64")]
const PROCESSORS: &str = "\
     a64fx ampere1 ampere1a ampere1b ampere1c apple-a10 apple-a11 apple-a12 apple-a13 apple-a14 apple-a15 apple-a16 \
     apple-a17 apple-a18 apple-a19 apple-a7 apple-a8 apple-a9 apple-m1 apple-m2 apple-m3 apple-m4 apple-m5 apple-s10 \
     apple-s4 apple-s5 apple-s6 apple-s7 apple-s8 apple-s9 c1-nano c1-premium c1-pro c1-ultra carmel cobalt-100 \
     cortex-a320 cortex-a34 cortex-a35 cortex-a510 cortex-a520 cortex-a520ae cortex-a53 cortex-a55 cortex-a57 \
     cortex-a65 cortex-a65ae cortex-a710 cortex-a715 cortex-a72 cortex-a720 cortex-a720ae cortex-a725 cortex-a73 \
     cortex-a75 cortex-a76 cortex-a76ae cortex-a77 cortex-a78 cortex-a78ae cortex-a78c cortex-r82 cortex-r82ae \
     cortex-x1 cortex-x1c cortex-x2 cortex-x3 cortex-x4 cortex-x925 cyclone exynos-m3 exynos-m4 exynos-m5 falkor \
     fujitsu-monaka gb10 generic grace kryo neoverse-512tvb neoverse-e1 neoverse-n1 neoverse-n2 neoverse-n3 \
     neoverse-v1 neoverse-v2 neoverse-v3 neoverse-v3ae olympus oryon-1 saphira thunderx thunderx2t99 thunderx3t110 \
     thunderxt81 thunderxt83 thunderxt88 tsv110";

/// Features; those are left out that change how functions call each other, or which kind of program it is.
#[cfg(target_arch = "aarch64")]
const FEATURES: &str = "\
     a320 a35 a510 a520 a520ae a53 a55 a57 a64fx a65 a710 a715 a72 a720 a720ae a73 a75 a76 a77 a78 a78ae a78c \
     addr-lsl-slow-14 aes aggressive-fma aggressive-interleaving alternate-sextload-cvt-f32-pattern altnzcv \
     alu-lsl-fast am ampere1 ampere1a ampere1b ampere1c amvs apple-a10 apple-a11 apple-a12 apple-a13 apple-a14 \
     apple-a15 apple-a16 apple-a17 apple-a7 apple-m4 apple-m5 arith-bcc-fusion arith-cbz-fusion ascend-store-address \
     avoid-ldapur balance-fp-ops bf16 brbe bti btie c1-nano c1-premium c1-pro c1-ultra carmel ccdp ccidx ccpp chk \
     clrbhb cmh cmp-bcc-fusion cmpbr complxnum cortex-a725 cortex-r82 cortex-r82ae cortex-x1 cortex-x2 cortex-x3 \
     cortex-x4 cortex-x925 cpa crc crypto cssc d128 disable-fast-inc-vl disable-latency-sched-heuristic disable-ldp \
     disable-maximize-scalable-bandwidth disable-stp disable-unpredicated-ld-st-lower dit dotprod ecv el2vmsa el3 \
     enable-select-opt ete exynos-cheap-as-move exynosm3 exynosm4 f16f32dot f16f32mm f16mm f32mm f64mm f8f16mm \
     f8f32mm falkor faminmax fgt fix-cortex-a53-835769 flagm fmv force-32bit-jump-tables fp-armv8 fp16fml fp8 fp8dot2 \
     fp8dot4 fp8fma fpac fprcvt fptoint fujitsu-monaka fullfp16 fuse-address fuse-addsub-2reg-const1 fuse-adrp-add \
     fuse-aes fuse-arith-logic fuse-crypto-eor fuse-csel fuse-cset fuse-literals gcie gcs hbc hcx i8mm ite jsconv \
     kryo ldp-aligned-only lor ls64 lscp lse lse128 lse2 lsfe lsui lut max-interleave-factor-4 mec mops mops-go mpam \
     mpamv2 mte mtetc neon neoverse512tvb neoversee1 neoversen1 neoversen2 neoversen3 neoversev1 neoversev2 \
     neoversev3 neoversev3AE nmi no-bti-at-return-twice no-neg-immediates no-sve-fp-ld1r no-zcz-fpr64 nv occmo \
     olympus oryon-1 outline-atomics pan pan-rwv pauth pauth-lr pcdphint perfmon poe2 pops \
     predictable-select-expensive predres prfm-slc-target rand ras rasv2 rcpc rcpc-immo rcpc3 rdm rme saphira sb sel2 \
     sha2 sha3 slow-misaligned-128store slow-paired-128 slow-strqro-store sm4 sme sme-b16b16 sme-f16f16 sme-f64f64 \
     sme-f8f16 sme-f8f32 sme-fa64 sme-i16i64 sme-lutv2 sme-mop4 sme-tmop sme2 sme2p1 sme2p2 sme2p3 spe spe-eef \
     specres2 specrestrict ssbs ssve-aes ssve-bitperm ssve-fexpa ssve-fp8dot2 ssve-fp8dot4 ssve-fp8fma \
     store-pair-suppress stp-aligned-only strict-align sve sve-aes sve-aes2 sve-b16b16 sve-b16mm sve-bfscale \
     sve-bitperm sve-f16f32mm sve-sha3 sve-sm4 sve2 sve2-aes sve2-bitperm sve2-sha3 sve2-sm4 sve2p1 sve2p2 sve2p3 tev \
     the thunderx thunderx2t99 thunderx3t110 thunderxt81 thunderxt83 thunderxt88 tlb-rmi tlbid tlbiw tpidr-el1 \
     tpidr-el2 tpidr-el3 tpidrro-el0 tracev8.4 trbe tsv110 uaops use-experimental-zeroing-pseudos \
     use-fixed-over-scalable-if-equal-cost use-postra-scheduler use-reciprocal-square-root use-wzr-to-vec-move v8.1a \
     v8.2a v8.3a v8.4a v8.5a v8.6a v8.7a v8.8a v8.9a v8a v9.1a v9.2a v9.3a v9.4a v9.5a v9.6a v9.7a v9a vh wfxt xs \
     zcm-fpr128 zcm-fpr32 zcm-fpr64 zcm-gpr32 zcm-gpr64 zcz-fp-workaround zcz-fpr128 zcz-gpr32 zcz-gpr64";

/// What no processor may be without.
#[cfg(target_arch = "aarch64")]
const NEEDED: &str = "fp-armv8 neon";

#[cfg(test)]
mod tests {
    use std::process::Command;

    use inkwell::OptimizationLevel;
    use inkwell::context::Context;
    use inkwell::memory_buffer::MemoryBuffer;
    use inkwell::targets::{CodeModel, FileType, RelocMode, Target, TargetMachine};

    use super::{FEATURES, NEEDED, PROCESSORS, check};

    /// Floats and wide integers in arithmetic, calls and conversions.
    const TEXT: &str = "
declare double @called(double, i128)
define double @tested(double %a, ptr %p, i128 %w) {
  %b = load double, ptr %p
  %c = fadd double %a, %b
  %d = call double @called(double %c, i128 %w)
  %e = sitofp i128 %w to double
  %f = fmul double %d, %e
  %g = call i64 @llvm.fptosi.sat.i64.f64(double %f)
  %h = sitofp i64 %g to double
  ret double %h
}
declare i64 @llvm.fptosi.sat.i64.f64(double)
\0";

    /// Set in the process that makes code for each of the names.
    const IN_CHILD: &str = "CFUNC_TEST_PROCESSORS";

    fn make(processor: &str, features: &str) {
        check(processor, features).unwrap_or_else(|error| panic!("{error}"));
        crate::target::initialize();
        let triple = TargetMachine::get_default_triple();
        let target = Target::from_triple(&triple).expect("it is this machine's");
        let level = OptimizationLevel::None;
        let machine =
            target.create_target_machine(&triple, processor, features, level, RelocMode::PIC, CodeModel::Small);
        let context = Context::create();
        let buffer = MemoryBuffer::create_from_memory_range_copy(TEXT.as_bytes(), "text");
        let module = context.create_module_from_ir(buffer).expect("it is a module");
        let made = machine.expect("a machine").write_to_memory_buffer(&module, FileType::Assembly);
        let text = String::from_utf8_lossy(made.expect("code").as_slice()).into_owned();
        assert!(text.contains("called"), "{processor} {features}: {text}");
    }

    // LLVM prints that it does not know a name, and crashes where it can make no code: what shows from outside of a process
    // alone, so that the test runs itself once more.
    #[test]
    fn llvm_knows_the_names_and_makes_code_for_each() {
        if std::env::var_os(IN_CHILD).is_none() {
            let arguments =
                ["--exact", "processors::tests::llvm_knows_the_names_and_makes_code_for_each", "--nocapture"];
            let program = std::env::current_exe().expect("the path of the test");
            let output = Command::new(program).args(arguments).env(IN_CHILD, "1").output().expect("it starts");
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{:?}: {said}", output.status);
            assert!(!said.contains("recognized"), "{said}");
            return;
        }
        PROCESSORS.split(' ').for_each(|processor| make(processor, ""));
        for feature in FEATURES.split(' ') {
            make("generic", &format!("+{feature}"));
            if !NEEDED.split(' ').any(|needed| needed == feature) {
                make("generic", &format!("-{feature}"));
            }
        }
    }
}
