using StreamSync.Console;
using StreamSync.Kafka.Hosting;

return await StreamSyncHost.RunAsync(args, "streamsync-console", (services, config) => services.AddSinkWarehouse(config).AddConsole(config));
