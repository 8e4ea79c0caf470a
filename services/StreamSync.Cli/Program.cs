using StreamSync.Cli;

return await CommandLine.RunAsync(args, CancellationToken.None);
