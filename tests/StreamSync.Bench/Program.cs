using StreamSync.Bench;
using StreamSync.Bench.Broker;

// Prints one line a figure, `name value unit`, so that a script can read it; what is going on goes to the error stream.
return args switch
{
    ["end-to-end", .. var rest] => await EndToEnd.RunAsync(rest),
    ["broker", .. var rest] => await BrokerBench.RunAsync(rest),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: bench end-to-end [PEOPLE] [CONTACTS] | broker [start] [demo] [produce] [transact] [latency] [topics] [recovery=GIGABYTES]");
    return 2;
}
