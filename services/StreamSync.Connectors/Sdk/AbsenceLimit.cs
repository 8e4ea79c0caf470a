using StreamSync.Kafka.Configuration;

namespace StreamSync.Connectors.Sdk;

/// <summary>
/// The setting by which a connector with complete snapshots is told how many known rows may vanish with one of them; more is taken for a truncated
/// export, and deletes nothing.
/// </summary>
static class AbsenceLimit
{
    /// <summary>Name of the setting.</summary>
    public const string Setting = "max_absent";

    /// <summary>Reports a stream with complete snapshots whose connector does not declare the setting.</summary>
    public static void Check(StreamContext context, ICollection<ConfigError> errors)
    {
        if (!context.Connector.Settings.Any(setting => setting is { Name: Setting, Type: SettingType.Share, Default: not null }))
        {
            errors.Add(new ConfigError(
                context.Stream.Place,
                $"the stream '{context.Stream.Name}' may be complete, but its connector has no setting '{Setting}' of type share with a default",
                $"declare it: settings: [{{name: {Setting}, type: share, default: \"0.2\", ...}}]"));
        }
    }

    /// <summary>Share of the known rows, from 0 to 1; 1 lets all go.</summary>
    public static double Of(StreamContext context) => context.Settings.Get<double>(Setting);

    /// <summary>What to do when rows that a snapshot lacks are really gone.</summary>
    /// <param name="context">The stream.</param>
    /// <param name="missing">Known rows that the snapshot lacks.</param>
    /// <param name="known">Known rows.</param>
    /// <param name="again">How the snapshot is read again.</param>
    public static string Remedy(StreamContext context, int missing, int known, string again)
    {
        // Rounded up to hundredths, so that the share is enough.
        var share = missing == known ? 1 : Math.Ceiling(100m * missing / known) / 100;
        return string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"check the export; when the rows are really gone, write '{Setting}: {share:0.##}' below 'settings' of the sync '{context.Sync.Id}' at {context.Sync.Place}, start StreamSync again and {again}; then take it out");
    }
}
