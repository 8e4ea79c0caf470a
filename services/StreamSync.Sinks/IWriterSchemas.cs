namespace StreamSync.Sinks;

/// <summary>The schemas that records were written with.</summary>
interface IWriterSchemas
{
    /// <summary>The schema of an id.</summary>
    /// <returns>The schema, or null when the registry has none of this id.</returns>
    /// <exception cref="Exception">The registry does not answer; any other exception is to be retried.</exception>
    Avro.Schema? Find(int id);
}
