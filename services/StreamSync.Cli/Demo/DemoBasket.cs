using System.Net;
using System.Net.Http.Headers;
using System.Text;
using StreamSync.Kafka.Configuration;
using StreamSync.Kafka.Hosting;
using StreamSync.Simulators;

namespace StreamSync.Cli.Demo;

/// <summary>
/// The sample tool basket of <c>make run</c>: an invented program in five tools. Files are dropped below the data folder, the HTTP
/// vendors are simulators on free loopback ports, contributions are posted as webhooks. Starting again brings the same program.
/// </summary>
sealed class DemoBasket : IAsyncDisposable
{
    const string Token = "demo";
    const int Organization = 1;
    readonly SampleProgram _program = SampleProgram.Demo();
    readonly ActionNetworkSimulator _actionNetwork = new(Token);
    readonly MobilizeSimulator _mobilize = new(Organization, Token);
    readonly string _folder;

    DemoBasket(DataFolder data) => _folder = data.Resolve("demo");

    /// <summary>The basket's configuration; written there so that it can be read, copied and changed.</summary>
    public string ConfigFile => Path.Combine(_folder, "streamsync.yaml");

    /// <summary>Folder that the canvassing sync watches.</summary>
    public string CanvassFolder => Path.Combine(_folder, "drops", "canvass");

    /// <summary>The program behind the basket.</summary>
    public SampleProgram Program => _program;

    /// <summary>Writes the drops once, and starts the simulators.</summary>
    public static async Task<DemoBasket> StartAsync(DataFolder data, int consolePort, CancellationToken cancellationToken)
    {
        var basket = new DemoBasket(data);
        basket._program.Fill(basket._actionNetwork);
        basket._program.Fill(basket._mobilize);
        await basket._actionNetwork.StartAsync(cancellationToken);
        await basket._mobilize.StartAsync(cancellationToken);
        if (!Directory.Exists(basket.CanvassFolder))
        {
            basket._program.WriteThruText(Path.Combine(basket._folder, "drops", "texting"));
            basket._program.WriteCrm(Path.Combine(basket._folder, "drops", "crm"));
            basket._program.WriteVan(basket.CanvassFolder);
        }

        await File.WriteAllTextAsync(Path.Combine(basket._folder, "token"), Token, cancellationToken);
        await File.WriteAllTextAsync(basket.ConfigFile, basket.Config(consolePort), cancellationToken);
        return basket;
    }

    /// <summary>Posts the contributions, as ActBlue would; what was posted in an earlier run is recognised and is no second donation.</summary>
    /// <param name="webhooks">Address of the webhook listener.</param>
    /// <param name="cancellationToken">Stops posting.</param>
    public async Task PostContributionsAsync(Uri webhooks, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = webhooks };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Token}:{Token}")));
        foreach (var body in _program.ActBlueBodies())
        {
            using var content = new StringContent(body, Encoding.UTF8, "application/json");
            using var response = await http.PostAsync(new Uri("/hooks/donations/contributions", UriKind.Relative), content, cancellationToken);
            if (response.StatusCode != HttpStatusCode.OK && (int)response.StatusCode / 100 != 2)
            {
                throw new CommandException($"the webhook listener answered {(int)response.StatusCode} to a sample contribution");
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _actionNetwork.DisposeAsync();
        await _mobilize.DisposeAsync();
    }

    string Config(int consolePort) => $$"""
        # The sample basket: written again at each start. Copy it to begin your own.
        org: demo
        console: { port: {{consolePort}} }
        syncs:
          - id: canvass
            connector: ngpvan
            instance: tsm
            owner: { name: Field team, kind: group, contact: field@example.org }
            promise: { freshness: 5m }
            settings: { folder: ./drops/canvass, time_zone: America/Detroit }
          - id: texting
            connector: thrutext
            instance: main
            owner: { name: Texting hub, kind: hub, contact: texting@example.org }
            promise: { freshness: 15m }
            settings: { folder: ./drops/texting, time_zone: America/Detroit, van_scope: "0:MI" }
          - id: supporters
            connector: csv_people
            instance: crm
            owner: { name: Data desk, kind: group, contact: data@example.org }
            promise: { freshness: 1d }
            settings: { folder: ./drops/crm, time_zone: America/Detroit }
          - id: digital
            connector: action_network
            instance: main
            owner: { name: Digital team, kind: group, contact: digital@example.org }
            promise: { freshness: 15m }
            settings: { base_url: {{_actionNetwork.BaseUrl}}, poll: 5s, event_time_zone: America/Detroit }
            secrets: { token: "${file:./token}" }
          - id: events
            connector: mobilize
            instance: main
            owner: { name: Mobilize, kind: vendor, contact: support@example.com }
            promise: { freshness: 15m }
            settings: { base_url: {{_mobilize.BaseUrl}}, organization: "{{Organization}}", poll: 5s }
            secrets: { token: "${file:./token}" }
          - id: donations
            connector: actblue
            instance: main
            owner: { name: Finance, kind: group, contact: finance@example.org }
            promise: { freshness: 1h }
            streams: [contributions]
            secrets: { username: "${file:./token}", password: "${file:./token}" }
        """;
}
