using StreamSync.Cli;

NativeMemory.ShareHeaps();
return await CommandLine.RunAsync(args, CancellationToken.None);
