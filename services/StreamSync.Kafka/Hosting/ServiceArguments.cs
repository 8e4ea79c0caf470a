namespace StreamSync.Kafka.Hosting;

/// <summary>Arguments that every service takes.</summary>
/// <param name="ConfigFile">Configuration file.</param>
/// <param name="DataDirectory">Data folder.</param>
sealed record ServiceArguments(string ConfigFile, string DataDirectory)
{
    public const string ConfigVariable = "STREAMSYNC_CONFIG";
    public const string DataVariable = "STREAMSYNC_DATA";

    public static string Usage(string service) => $"""
        usage: {service} [--config FILE] [--data DIR]

          --config FILE   configuration, default {ConfigVariable} or ./streamsync.yaml
          --data DIR      folder for state, default {DataVariable} or ./{DataFolder.DefaultName}
        """;

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ArgumentException">An argument is unknown or lacks its value.</exception>
    public static ServiceArguments Parse(IReadOnlyList<string> args, Func<string, string?> environment)
    {
        var (config, data) = (environment(ConfigVariable) ?? "streamsync.yaml", environment(DataVariable) ?? DataFolder.DefaultName);
        for (var i = 0; i < args.Count; i++)
        {
            var equals = args[i].IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? args[i] : args[i][..equals];
            if (name is not ("--config" or "--data"))
            {
                throw new ArgumentException($"there is no argument '{name}'");
            }

            var value = equals >= 0 ? args[i][(equals + 1)..] : ++i < args.Count ? args[i] : throw new ArgumentException($"'{name}' needs a value");
            (config, data) = name == "--config" ? (value, data) : (config, value);
        }

        return new ServiceArguments(config, data);
    }
}
