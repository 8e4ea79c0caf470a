using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Xunit;

namespace StreamSync.TestBroker;

/// <summary>A PostgreSQL server of its own on a free loopback port, from the installed package; a test is skipped where there is none.</summary>
public sealed class PostgresServer : IAsyncDisposable
{
    readonly string _bin;
    readonly string _folder;

    PostgresServer(string bin, string folder, int port)
    {
        _bin = bin;
        _folder = folder;
        Port = port;
    }

    /// <summary>Its port on 127.0.0.1; the user <c>postgres</c> needs no password.</summary>
    public int Port { get; }

    /// <summary>Starts a server that writes a log for logical replication.</summary>
    public static async Task<PostgresServer> StartAsync()
    {
        var bin = Directory.Exists("/usr/lib/postgresql")
            ? Directory.EnumerateDirectories("/usr/lib/postgresql").Select(d => Path.Combine(d, "bin")).FirstOrDefault(d => File.Exists(Path.Combine(d, "initdb")))
            : null;
        Skip.If(bin is null, "no PostgreSQL server is installed: install the package 'postgresql'");
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        var port = ((IPEndPoint)probe.LocalEndpoint).Port;
        probe.Stop();
        var server = new PostgresServer(bin!, Directory.CreateTempSubdirectory("streamsync-pg-").FullName, port);
        if (Environment.UserName == "root")
        {
            await RunAsync("chown", ["postgres", server._folder]);
        }

        await server.AsOwnerAsync("initdb", ["-D", server.Data, "-A", "trust", "-U", "postgres"]);
        await server.AsOwnerAsync("pg_ctl", ["-D", server.Data, "-w", "-l", Path.Combine(server._folder, "log"), "-o", $"-p {port} -c wal_level=logical -c listen_addresses=127.0.0.1 -c unix_socket_directories={server._folder} -c fsync=off", "start"]);
        return server;
    }

    string Data => Path.Combine(_folder, "data");

    /// <summary>Runs statements in a database.</summary>
    public Task ExecuteAsync(string database, string sql) =>
        RunAsync(Path.Combine(_bin, "psql"), ["-q", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", $"{Port}", "-U", "postgres", "-c", sql, database]);

    /// <summary>Stops the server and deletes its data.</summary>
    public async ValueTask DisposeAsync()
    {
        await AsOwnerAsync("pg_ctl", ["-D", Data, "-m", "immediate", "stop"]);
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>The server refuses to run as root.</summary>
    Task AsOwnerAsync(string tool, string[] arguments)
    {
        var path = Path.Combine(_bin, tool);
        return Environment.UserName == "root" ? RunAsync("runuser", ["-u", "postgres", "--", path, .. arguments]) : RunAsync(path, arguments);
    }

    static async Task RunAsync(string file, string[] arguments)
    {
        // The server that pg_ctl leaves behind would keep a redirected pipe open: its output goes to its log.
        var info = new ProcessStartInfo(file) { WorkingDirectory = "/", RedirectStandardInput = true };
        foreach (var argument in arguments)
        {
            info.ArgumentList.Add(argument);
        }

        using var process = Process.Start(info)!;
        process.StandardInput.Close();
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(1));
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{Path.GetFileName(file)} ended with {process.ExitCode}");
        }
    }
}
