// Each test runs whole platforms; two at once would measure each other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
