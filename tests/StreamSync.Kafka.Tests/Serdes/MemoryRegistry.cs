using System.Collections.Concurrent;
using System.Net;
using System.Reflection;
using Confluent.SchemaRegistry;

namespace StreamSync.Kafka.Tests.Serdes;

/// <summary>A registry client over a dictionary, for tests of bytes alone.</summary>
public class MemoryRegistry : DispatchProxy
{
    readonly ConcurrentDictionary<(string Subject, string Text), int> _ids = new();
    readonly ConcurrentDictionary<int, string> _schemas = new();
    readonly Lock _registering = new();

    public static ISchemaRegistryClient Create() => Create<ISchemaRegistryClient, MemoryRegistry>();

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        switch (targetMethod!.Name)
        {
            case nameof(ISchemaRegistryClient.RegisterSchemaAsync):
                return Task.FromResult(Register((string)args![0]!, TextOf(args[1]!)));
            case "RegisterSchemaWithResponseAsync":
                return Task.FromResult(new RegisteredSchema((string)args![0]!, 1, Register((string)args[0]!, TextOf(args[1]!)), TextOf(args[1]!), SchemaType.Avro, []));
            case "LookupSchemaAsync":
                return _ids.TryGetValue(((string)args![0]!, TextOf(args[1]!)), out var id)
                    ? Task.FromResult(new RegisteredSchema((string)args[0]!, 1, id, TextOf(args[1]!), SchemaType.Avro, []))
                    : Task.FromException<RegisteredSchema>(new SchemaRegistryException("no such schema", HttpStatusCode.NotFound, 40403));
            case "GetSchemaIdAsync":
                return Task.FromResult(_ids[((string)args![0]!, TextOf(args[1]!))]);
            case "GetSchemaAsync" or "GetSchemaBySubjectAndIdAsync":
                return _schemas.TryGetValue(args!.OfType<int>().First(), out var text)
                    ? Task.FromResult(new Confluent.SchemaRegistry.Schema(text, SchemaType.Avro))
                    : Task.FromException<Confluent.SchemaRegistry.Schema>(new SchemaRegistryException("no such id", HttpStatusCode.NotFound, 40403));
            case "GetAssociationsByResourceNameAsync":
                throw new SchemaRegistryException("none", HttpStatusCode.NotFound, 40401);
            case "get_Config":
                return Array.Empty<KeyValuePair<string, string>>();
            case "get_MaxCachedSchemas":
                return 1000;
            case "Dispose":
                return null;
            case "ConstructValueSubjectName":
                return args![0] + "-value";
            default:
                throw new NotSupportedException(targetMethod.ToString());
        }
    }

    int Register(string subject, string text)
    {
        // Several may register at the same time, and an id stands for one schema.
        lock (_registering)
        {
            if (!_ids.TryGetValue((subject, text), out var id))
            {
                id = _ids.Count + 1;
                _schemas[id] = text;
                _ids[(subject, text)] = id;
            }

            return id;
        }
    }

    static string TextOf(object schema) => schema as string ?? ((Confluent.SchemaRegistry.Schema)schema).SchemaString;
}
