using BenchmarkDotNet.Running;

// Every operation alone: dotnet run -c Release --project bench/YiSharp.Benchmarks -- --filter '*Linear*' (--help lists the rest).
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
