using Npgsql;
using StreamSync.Connectors.Sdk;
using StreamSync.Kafka.Configuration;

namespace StreamSync.Connectors.Postgres;

/// <summary>
/// Style <c>postgres</c>: a vendor's database by logical replication (pgoutput): a snapshot, then the log from the very point at which the
/// snapshot was taken. The connector's settings are host, port, database, user and ssl; its secret is password.
/// </summary>
internal sealed class PostgresStyle : IStreamStyle
{
    public string Name => "postgres";

    public object ReadOptions(BlockReader block, StreamManifest stream) => new PostgresOptions
    {
        Schema = block.Text("schema") ?? "public",
        Table = block.Text("table") ?? stream.Name,
        Set = block.TextMap("set"),
    };

    public void Check(StreamContext context, ICollection<ConfigError> errors) => AbsenceLimit.Check(context, errors);

    public IStreamReader Open(StreamContext context) => new PostgresReader(context, (PostgresOptions)context.Stream.Options, ConnectionString(context));

    static string ConnectionString(StreamContext context)
    {
        var settings = context.Settings;
        var builder = new NpgsqlConnectionStringBuilder
        {
            Host = settings.Get<string>("host"),
            Port = (int)(settings.Get<object>("port") is long port ? port : 5432),
            Database = settings.Get<string>("database"),
            Username = settings.Get<string>("user"),
            SslMode = Enum.TryParse<SslMode>(settings.Get<string>("ssl"), ignoreCase: true, out var ssl) ? ssl : SslMode.Prefer,
            ApplicationName = "streamsync " + context.Sync.Id,
            // Texts of times are read as UTC and in one format, whatever the server's defaults.
            Options = "-c TimeZone=UTC -c DateStyle=ISO -c IntervalStyle=iso_8601 -c bytea_output=hex -c extra_float_digits=1",
            Pooling = false,
        };
        if (context.Sync.Secrets.TryGetValue("password", out var password))
        {
            builder.Password = password.Reveal();
        }

        return builder.ConnectionString;
    }
}
