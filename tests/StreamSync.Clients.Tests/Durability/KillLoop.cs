using Confluent.Kafka;
using Confluent.Kafka.Admin;
using StreamSync.Clients.Tests.Broker;

namespace StreamSync.Clients.Tests.Durability;

/// <summary>What a run did.</summary>
/// <param name="Kills">How often the broker was killed.</param>
/// <param name="Acknowledged">Records of the idempotent producer that were acknowledged.</param>
/// <param name="Committed">Transactions known to be committed.</param>
/// <param name="Aborted">Transactions aborted on purpose.</param>
/// <param name="GroupCommits">Offset commits of the group that were acknowledged.</param>
/// <param name="SlowestRecovery">Longest time from a launch after a kill to <c>ready</c>.</param>
sealed record KillResult(int Kills, long Acknowledged, long Committed, long Aborted, long GroupCommits, TimeSpan SlowestRecovery);

/// <summary>
/// Runs three clients against a broker that is killed at random times: <see cref="NumberWriter"/>, <see cref="NumberCopier"/> and
/// <see cref="GroupReader"/>. After each kill all that they know for sure is checked against what the broker still has.
/// </summary>
sealed class KillLoop(string data, Random random, Action<string> say)
{
    /// <summary>The log of numbers 0, 1, 2, ...; number n is in partition n modulo the number of partitions.</summary>
    public const string Numbers = "numbers";

    /// <summary>Its copy, made in transactions.</summary>
    public const string Copies = "copies";

    public const int Partitions = 2;

    const int LongestLoadMs = 400;
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    BrokerProcess _broker = null!;
    TimeSpan _slowest;

    /// <param name="kills">How often to kill.</param>
    /// <param name="limit">Ends earlier after this time.</param>
    public async Task<KillResult> RunAsync(int kills, TimeSpan limit)
    {
        _broker = await BrokerProcess.StartAsync(data);
        try
        {
            await CreateTopicsAsync(_broker.BootstrapServers);
            return await RunClientsAsync(kills, limit);
        }
        finally
        {
            await _broker.DisposeAsync();
        }
    }

    async Task<KillResult> RunClientsAsync(int kills, TimeSpan limit)
    {
        var log = new ClientLog();
        var writer = new NumberWriter(_broker.BootstrapServers, log);
        var copier = new NumberCopier(_broker.BootstrapServers, random.Next(), log);
        var group = new GroupReader(_broker.BootstrapServers, log);
        using var checker = new LogChecker(_broker.BootstrapServers);
        using var stop = new CancellationTokenSource();
        var started = TimeProvider.System.GetTimestamp();
        RunningClient[] clients = [new("writer", writer.RunAsync(stop.Token), writer), new("copier", copier.RunAsync(stop.Token), null), new("group", group.RunAsync(stop.Token), group)];
        Task[] running = [.. clients.Select(client => client.Running)];
        var done = 0;
        try
        {
            for (var kill = 1; kill <= kills && TimeProvider.System.GetElapsedTime(started) < limit; kill++)
            {
                // Most kills meet all three clients at work, some meet them while they find the broker again. A client that found
                // something wrong ends the wait.
                var load = random.Next(3) == 0 ? Task.Delay(random.Next(LongestLoadMs)) : WorkAsync(writer, copier, group);
                await await Task.WhenAny([.. running, load]);
                await KillAndCheckAsync(kill, writer, group, checker);
                done = kill;
                if (kill % 10 == 0)
                {
                    await checker.ReadOnAsync(kill);
                    say($"{kill} kills: {writer.Count} acknowledged, {copier.Committed} committed, {copier.Aborted} aborted, {group.Commits} group commits");
                }
            }
        }
        catch (Exception e)
        {
            say($"after {done} kills: {e.Message}");
            log.Tell(say);
            throw;
        }
        finally
        {
            // Whatever has failed: nobody may use a client any more when it is closed, so one that does not end is left open.
            await stop.CancelAsync();
            await Task.WhenAny(Task.WhenAll(running), Task.Delay(2 * Patience, CancellationToken.None));
            Array.ForEach(clients, client => client.Close(say));
        }

        await Task.WhenAll(running).WaitAsync(TimeSpan.Zero);
        await checker.ReadOnAsync(done);
        checker.CheckComplete(writer.Acknowledged, copier.Copied);
        Assert.Equal(0, await _broker.StopAsync());
        AssertQuiet(done);
        return new KillResult(done, writer.Count, copier.Committed, copier.Aborted, group.Commits, _slowest);
    }

    async Task WorkAsync(NumberWriter writer, NumberCopier copier, GroupReader group)
    {
        var (written, copied, read) = (writer.Count, copier.Committed, group.Commits);
        var started = TimeProvider.System.GetTimestamp();
        while (writer.Count == written || copier.Committed == copied || group.Commits == read)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < Patience, $"a client stands still: {writer.Count} written, {copier.Committed} copied, {group.Commits} group commits");
            await Task.Delay(10);
        }

        await Task.Delay(random.Next(LongestLoadMs));
    }

    async Task KillAndCheckAsync(int kill, NumberWriter writer, GroupReader group, LogChecker checker)
    {
        _broker.Kill();
        AssertQuiet(kill);
        var port = _broker.Port;
        await _broker.DisposeAsync();

        // What was acknowledged by now must be there from the first answer on.
        var (acknowledged, committed) = (writer.Acknowledged, group.Committed);
        _broker = await BrokerProcess.StartAsync(data, port);
        _slowest = _broker.StartTime > _slowest ? _broker.StartTime : _slowest;
        await checker.CheckAcknowledgedAsync(acknowledged, kill);
        await checker.CheckCommittedAsync(committed, kill);
    }

    void AssertQuiet(int kill) => Assert.True(_broker.Errors.Trim().Length == 0, $"kill {kill}: the broker wrote {_broker.Errors}");

    static async Task CreateTopicsAsync(string bootstrapServers)
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = bootstrapServers }).Build();
        // Small segments, so that kills meet the roll from one to the next.
        var settings = new Dictionary<string, string> { ["segment.bytes"] = "1048576", ["retention.ms"] = "-1" };
        await admin.CreateTopicsAsync(new[] { Numbers, Copies }.Select(name => new TopicSpecification { Name = name, NumPartitions = Partitions, ReplicationFactor = 1, Configs = settings }));
    }

    /// <summary>A client at work.</summary>
    sealed record RunningClient(string Name, Task Running, IDisposable? Client)
    {
        /// <summary>Closes it if it has ended, and says how it ended if that was not well.</summary>
        public void Close(Action<string> say)
        {
            if (!Running.IsCompletedSuccessfully)
            {
                say($"the {Name} ended so: {Running.Status} {Running.Exception?.InnerException?.Message}");
            }

            if (Running.IsCompleted)
            {
                Client?.Dispose();
            }
        }
    }
}
