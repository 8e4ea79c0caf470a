namespace StreamSync.LocalKafka.Protocol;

/// <summary>Numbers of the requests that this broker serves, as in the public Kafka protocol.</summary>
enum ApiKey : short
{
    Produce = 0,
    Fetch = 1,
    ListOffsets = 2,
    Metadata = 3,
    OffsetCommit = 8,
    OffsetFetch = 9,
    FindCoordinator = 10,
    JoinGroup = 11,
    Heartbeat = 12,
    LeaveGroup = 13,
    SyncGroup = 14,
    DescribeGroups = 15,
    ListGroups = 16,
    ApiVersions = 18,
    CreateTopics = 19,
    DeleteTopics = 20,
    DeleteRecords = 21,
    InitProducerId = 22,
    OffsetForLeaderEpoch = 23,
    AddPartitionsToTxn = 24,
    AddOffsetsToTxn = 25,
    EndTxn = 26,
    WriteTxnMarkers = 27,
    TxnOffsetCommit = 28,
    DescribeAcls = 29,
    CreateAcls = 30,
    DeleteAcls = 31,
    DescribeConfigs = 32,
    AlterConfigs = 33,
    DescribeLogDirs = 35,
    CreatePartitions = 37,
    DeleteGroups = 42,
    ElectLeaders = 43,
    IncrementalAlterConfigs = 44,
    AlterPartitionReassignments = 45,
    ListPartitionReassignments = 46,
    OffsetDelete = 47,
    DescribeCluster = 60,
    DescribeProducers = 61,
    DescribeTransactions = 65,
    ListTransactions = 66,
    DescribeTopicPartitions = 75,
}

/// <summary>Where the layout of an API changes (KIP-482).</summary>
static class ApiLayout
{
    /// <summary>Whether a version has compact lengths and tagged fields.</summary>
    public static bool IsFlexible(this ApiKey key, short version) => version >= FlexibleFrom(key);

    static short FlexibleFrom(ApiKey key) => key switch
    {
        ApiKey.AlterPartitionReassignments or ApiKey.ListPartitionReassignments or ApiKey.DescribeCluster or ApiKey.DescribeProducers
            or ApiKey.DescribeTransactions or ApiKey.ListTransactions or ApiKey.DescribeTopicPartitions => 0,
        ApiKey.WriteTxnMarkers or ApiKey.IncrementalAlterConfigs => 1,
        ApiKey.DeleteRecords or ApiKey.InitProducerId or ApiKey.AlterConfigs or ApiKey.DescribeLogDirs
            or ApiKey.CreatePartitions or ApiKey.DeleteGroups or ApiKey.ElectLeaders
            or ApiKey.DescribeAcls or ApiKey.CreateAcls or ApiKey.DeleteAcls => 2,
        ApiKey.FindCoordinator or ApiKey.ListGroups or ApiKey.ApiVersions or ApiKey.AddPartitionsToTxn
            or ApiKey.AddOffsetsToTxn or ApiKey.EndTxn or ApiKey.TxnOffsetCommit => 3,
        ApiKey.Heartbeat or ApiKey.LeaveGroup or ApiKey.SyncGroup or ApiKey.DeleteTopics or ApiKey.OffsetForLeaderEpoch
            or ApiKey.DescribeConfigs => 4,
        ApiKey.DescribeGroups or ApiKey.CreateTopics => 5,
        ApiKey.ListOffsets or ApiKey.OffsetFetch or ApiKey.JoinGroup => 6,
        ApiKey.OffsetCommit => 8,
        ApiKey.Produce or ApiKey.Metadata => 9,
        ApiKey.Fetch => 12,
        _ => short.MaxValue,
    };
}
