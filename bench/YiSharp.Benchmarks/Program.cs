using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

// Every operation alone: dotnet run -c Release --project bench/YiSharp.Benchmarks -- --filter '*Linear*' (--help lists the rest).
// In this process: the projects that BenchmarkDotNet would write and build are not found where all build outputs share one folder.
Job job = Job.Default.WithToolchain(InProcessEmitToolchain.DontLogOutput).AsDefault();
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, DefaultConfig.Instance.AddJob(job));
