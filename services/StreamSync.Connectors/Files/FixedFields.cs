using Avro;
using Avro.Generic;
using StreamSync.Connectors.Sdk;
using StreamSync.Kafka.Configuration;

namespace StreamSync.Connectors.Files;

/// <summary>Fields that a file's pattern fills: constants, settings of the sync, and texts made of other fields.</summary>
sealed class FixedFields
{
    readonly List<(int Position, string[] Pieces, int[] Fields)> _templates = [];

    /// <summary>Compiles the <c>set:</c> of a pattern; names were checked when the manifest was read.</summary>
    public FixedFields(FilePattern pattern, RecordSchema schema, SettingsReader settings)
    {
        foreach (var (field, template) in pattern.Set)
        {
            var text = template.StartsWith(TimeRule.SettingPrefix, StringComparison.Ordinal) ? settings.Get<object>(template[TimeRule.SettingPrefix.Length..])?.ToString() : template;
            if (text is null)
            {
                continue;
            }

            var pieces = text.Split('{', '}');
            var fields = new int[pieces.Length / 2];
            for (var i = 0; i < fields.Length; i++)
            {
                fields[i] = schema[pieces[(i * 2) + 1]].Pos;
            }

            _templates.Add((schema[field].Pos, pieces, fields));
        }
    }

    public void Fill(GenericRecord record)
    {
        foreach (var (position, pieces, fields) in _templates)
        {
            if (fields.Length == 0)
            {
                record.Add(position, pieces[0]);
                continue;
            }

            var text = pieces[0];
            for (var i = 0; i < fields.Length; i++)
            {
                text = string.Concat(text, record.GetValue(fields[i]) as string, pieces[(i * 2) + 2]);
            }

            record.Add(position, text);
        }
    }

    /// <summary>Names of fields inside a template.</summary>
    public static IEnumerable<string> FieldsOf(string template) => template.Split('{', '}').Where((_, i) => i % 2 == 1);
}
