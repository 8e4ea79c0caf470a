using System.Reflection;
using Confluent.SchemaRegistry;

namespace StreamSync.Connectors.Tests.Support;

/// <summary>A registry in memory: every subject and schema gets an id.</summary>
public class MemoryRegistry : DispatchProxy
{
    readonly List<(string Subject, string Text)> _schemas = [];

    public static ISchemaRegistryClient Create() => Create<ISchemaRegistryClient, MemoryRegistry>();

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        switch (targetMethod!.Name)
        {
            case nameof(ISchemaRegistryClient.LookupSchemaAsync):
                var (subject, schema) = ((string)args![0]!, (Schema)args[1]!);
                var id = Find(subject, schema.SchemaString);
                return Task.FromResult(new RegisteredSchema(subject, 1, id, schema.SchemaString, SchemaType.Avro, []));
            case nameof(ISchemaRegistryClient.GetSchemaAsync):
                return Task.FromResult(new Schema(TextOf(args!.OfType<int>().First()), SchemaType.Avro));
            case nameof(IDisposable.Dispose):
                return null;
            default:
                throw new NotSupportedException(targetMethod.Name);
        }
    }

    int Find(string subject, string text)
    {
        lock (_schemas)
        {
            var at = _schemas.IndexOf((subject, text));
            if (at < 0)
            {
                _schemas.Add((subject, text));
                at = _schemas.Count - 1;
            }

            return at + 1;
        }
    }

    string TextOf(int id)
    {
        lock (_schemas)
        {
            return _schemas[id - 1].Text;
        }
    }
}
