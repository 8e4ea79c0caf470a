// Every test runs a broker and clients as processes; two at once would only wait for each other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
