using Avro.Generic;
using Newtonsoft.Json.Linq;
using StreamSync.Contracts.Source;

namespace StreamSync.Processors.Standardiser.Mapping;

/// <summary>A value of a mapping, worked out for one record: null, text, bool, a number, a time, a vendor record, a list or a map.</summary>
delegate object? Value(MappingScope scope);

/// <summary>What a mapping's values are worked out from. One object serves record after record; not for threads in parallel.</summary>
sealed class MappingScope
{
    JToken? _json;
    object? _jsonOf;

    /// <summary>The change.</summary>
    public SourceChange Change { get; private set; } = null!;

    /// <summary>The vendor's record: where <c>$.</c> paths start.</summary>
    public GenericRecord Record { get; private set; } = null!;

    /// <summary>Where paths start: the record, or the element of a list inside it.</summary>
    public object? Current { get; set; }

    /// <summary>The settings of the change's sync; what one holds by name stands under <see cref="SettingOf"/>.</summary>
    public IReadOnlyDictionary<string, string?> Settings { get; private set; } = new Dictionary<string, string?>();

    /// <summary>The first thing that went wrong, without the value; null when all went well.</summary>
    public string? Problem { get; private set; }

    /// <summary>Name of an entry of a setting that holds several by name.</summary>
    public static string SettingOf(string setting, string entry) => $"{setting}:{entry}";

    public void Start(SourceChange change, GenericRecord record, IReadOnlyDictionary<string, string?> settings)
    {
        (Change, Record, Current, Settings, Problem) = (change, record, record, settings, null);
        (_json, _jsonOf) = (null, null);
    }

    /// <summary>Notes that a value is not what its field takes.</summary>
    /// <returns>Null, for the field.</returns>
    public object? Fail(string problem)
    {
        Problem ??= problem;
        return null;
    }

    public void ForgetProblem() => Problem = null;

    /// <summary>The current element as JSON, for expressions that only JMESPath can work out.</summary>
    public JToken Json()
    {
        if (_json is null || !ReferenceEquals(_jsonOf, Current))
        {
            (_json, _jsonOf) = (AvroJson.Of(Current), Current);
        }

        return _json;
    }
}
