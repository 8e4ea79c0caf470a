using Confluent.Kafka;
using StreamSync.Simulators;
using Xunit.Abstractions;

namespace StreamSync.Acceptance.Tests;

/// <summary>kill -9 at any moment loses nothing and doubles nothing, from the file to the warehouse.</summary>
public class KillTests(ITestOutputHelper output)
{
    const int Kills = 20;
    const int People = 300;
    const int RowsPerFile = 150;

    [Fact]
    public async Task Twenty_kills_at_random_points_while_files_load_end_with_exactly_the_expected_rows()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await using var place = await Workplace.CreateAsync(Workplace.Canvass);
        var program = new SampleProgram(People, contacts: Kills * RowsPerFile, texts: 0, signups: 0, donations: 0);
        var staging = Path.Combine(place.Root, "staging");
        program.WriteVan(staging);
        File.Delete(Path.Combine(staging, "tsm_hub_contactscontacts_vf.csv"));
        foreach (var file in Directory.EnumerateFiles(staging))
        {
            File.Move(file, Path.Combine(place.Drops, Path.GetFileName(file)));
        }

        for (var kill = 0; kill < Kills; kill++)
        {
            place.Drop(
                $"tsm_hub_contactscontacts_vf_{kill:00}.csv",
                program.VanContacts(kill * RowsPerFile, (kill + 1) * RowsPerFile).Prepend(SampleProgram.VanContactHeader));
            await using var running = StreamSyncProcess.Start(place.Data, place.Config);
            if (kill % 4 != 3)
            {
                await running.ReadyAsync(); // One in four is killed while it starts.
            }

            await Task.Delay(random.Next(0, 2500));
            await running.KillAsync();
        }

        await using var last = await StreamSyncProcess.Start(place.Data, place.Config).ReadyAsync();
        await last.UntilAsync(
            $"(select count(*) from activity_touch where person_id is not null and canvasser_name is not null) = {program.Contacts} and (select count(*) from identity_person_map) = {People}",
            TimeSpan.FromMinutes(3));
        Assert.Equal($"{People}", await last.ScalarAsync("select count(*) from entity_person"));
        Assert.Equal($"{program.Contacts}", await last.ScalarAsync("select count(*) from entity_contact_attempt"));
        Assert.Equal($"{program.Contacts}", await last.ScalarAsync("select count(*) from activity_touch"));
        Assert.Equal($"{program.Volunteers + 1 + SampleProgram.Staff}", await last.ScalarAsync("select count(*) from entity_user_account"));
        Assert.Equal("0", await last.ScalarAsync("select count(*) from activity_touch t where not exists (select 1 from identity_person_map m where m.source_urn = t.person_ref and m.person_id = t.person_id)"));
        Assert.Equal($"{People}", await last.ScalarAsync("select count(*) from identity_person"));
        Assert.Equal("0", await last.ScalarAsync("select count(*) from ops_quarantine"));
        Assert.Equal(program.Contacts, CountCommitted(last.Instance.GetProperty("bootstrap_servers").GetString()!, "source.ngpvan.contactscontacts"));
    }

    /// <summary>Records that a reader of committed transactions sees: each change must be there once.</summary>
    static int CountCommitted(string bootstrap, string topic)
    {
        var settings = new ConsumerConfig { BootstrapServers = bootstrap, GroupId = "count", IsolationLevel = IsolationLevel.ReadCommitted, AutoOffsetReset = AutoOffsetReset.Earliest, EnableAutoCommit = false, EnablePartitionEof = true };
        using var consumer = new ConsumerBuilder<string, byte[]>(settings).Build();
        using var admin = new DependentAdminClientBuilder(consumer.Handle).Build();
        var partitions = admin.GetMetadata(topic, TimeSpan.FromSeconds(10)).Topics.Single().Partitions.Count;
        consumer.Assign(Enumerable.Range(0, partitions).Select(p => new TopicPartitionOffset(topic, p, Offset.Beginning)));
        var count = 0;
        for (var ended = 0; ended < partitions;)
        {
            var record = consumer.Consume(TimeSpan.FromSeconds(30)) ?? throw new TimeoutException($"{topic} does not end");
            if (record.IsPartitionEOF)
            {
                ended++;
            }
            else
            {
                count++;
            }
        }

        return count;
    }
}
