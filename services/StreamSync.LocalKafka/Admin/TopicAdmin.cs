using StreamSync.LocalKafka.Protocol;
using StreamSync.LocalKafka.Protocol.Messages;
using StreamSync.LocalKafka.Server;

namespace StreamSync.LocalKafka.Admin;

/// <summary>Creates and deletes topics and adds partitions.</summary>
sealed class TopicAdmin(TopicCatalog catalog)
{
    const int DefaultPartitions = 1;

    /// <summary>Where an Apache broker keeps what this one keeps in its catalogue. Its tools take a topic of this name for that.</summary>
    const string MetadataLog = "__cluster_metadata";

    const string NoTime = "The request gives no time to carry it out.";

    public void Register(ApiTable apis)
    {
        apis.Add<CreateTopicsRequest>(ApiKey.CreateTopics, 2, 7, (_, r) => Create(r));
        apis.Add<DeleteTopicsRequest>(ApiKey.DeleteTopics, 1, 6, (c, r) => Delete(c, r));
        apis.Add<CreatePartitionsRequest>(ApiKey.CreatePartitions, 0, 3, (_, r) => Grow(r));
    }

    CreateTopicsResponse Create(CreateTopicsRequest request)
    {
        var twice = request.Topics.GroupBy(t => t.Name).Where(g => g.Count() > 1).Select(g => g.Key).ToHashSet();
        var answers = new Dictionary<CreateTopicsRequest.Topic, CreateTopicsResponse.Topic>();
        var wanted = new List<(CreateTopicsRequest.Topic Asked, WantedTopic Wanted)>();
        foreach (var asked in request.Topics)
        {
            if (asked.Name == MetadataLog)
            {
                answers[asked] = Refuse(asked.Name, ErrorCode.InvalidRequest, $"Creation of internal topic {MetadataLog} is prohibited.");
                continue;
            }

            if (twice.Contains(asked.Name))
            {
                answers[asked] = Refuse(asked.Name, ErrorCode.InvalidRequest, "Duplicate topic name.");
                continue;
            }

            if (request.TimeoutMs <= 0)
            {
                answers[asked] = Refuse(asked.Name, ErrorCode.RequestTimedOut, NoTime);
                continue;
            }

            try
            {
                wanted.Add((asked, Read(asked)));
            }
            catch (RefusedException e)
            {
                answers[asked] = Refuse(asked.Name, e.Error, e.Message);
            }
        }

        try
        {
            var made = catalog.Create([.. wanted.Select(w => w.Wanted)], request.ValidateOnly);
            for (var i = 0; i < made.Count; i++)
            {
                answers[wanted[i].Asked] = made[i] is { Made: { } topic }
                    ? Describe(topic)
                    : Refuse(wanted[i].Asked.Name, made[i].Refused!.Error, made[i].Refused!.Message);
            }
        }
        catch (IOException e)
        {
            foreach (var (asked, _) in wanted)
            {
                answers[asked] = Refuse(asked.Name, ErrorCode.KafkaStorageError, e.Message);
            }
        }

        return new CreateTopicsResponse { Topics = [.. request.Topics.DistinctBy(t => t.Name).Select(t => answers[t])] };
    }

    static WantedTopic Read(CreateTopicsRequest.Topic asked)
    {
        TopicCatalog.CheckName(asked.Name);
        if (asked.Assignments.Count > 0 && (asked.Partitions != -1 || asked.ReplicationFactor != -1))
        {
            throw new RefusedException(
                ErrorCode.InvalidRequest,
                asked.ReplicationFactor != -1
                    ? "A manual partition assignment was specified, but replication factor was not set to -1."
                    : "A manual partition assignment was specified, but numPartitions was not set to -1.");
        }

        if (asked.Assignments.Count > 0)
        {
            CheckAssignments(asked.Assignments);
        }
        else if (asked.ReplicationFactor is not (-1 or 1))
        {
            throw new RefusedException(
                ErrorCode.InvalidReplicationFactor,
                asked.ReplicationFactor < 1
                    ? "Replication factor must be larger than 0, or -1 to use the default value."
                    : $"Unable to replicate the partition {asked.ReplicationFactor} time(s): The target replication factor of "
                    + $"{asked.ReplicationFactor} cannot be reached because only 1 broker(s) are registered.");
        }

        if (asked.Assignments.Count == 0 && asked.Partitions is 0 or < -1)
        {
            throw new RefusedException(
                ErrorCode.InvalidPartitions, "Number of partitions was set to an invalid non-positive value.");
        }

        var partitions = asked.Assignments.Count > 0 ? asked.Assignments.Count : asked.Partitions == -1 ? DefaultPartitions : asked.Partitions;
        var configs = new Dictionary<string, string?>();
        foreach (var config in asked.Configs)
        {
            configs[config.Name] = config.Value;
        }

        return new WantedTopic(asked.Name, partitions, configs);
    }

    static void CheckAssignments(List<CreateTopicsRequest.Assignment> assignments)
    {
        var indexes = assignments.Select(a => a.Partition).Order().ToList();
        if (indexes.Distinct().Count() != indexes.Count || indexes[0] != 0 || indexes[^1] != indexes.Count - 1)
        {
            throw new RefusedException(ErrorCode.InvalidReplicaAssignment, "partitions should be a consecutive 0-based integer sequence");
        }

        if (assignments.Any(a => a.Brokers is not [ClusterAdmin.NodeId]))
        {
            throw new RefusedException(
                ErrorCode.InvalidReplicaAssignment, $"The manual partition assignment includes another broker than {ClusterAdmin.NodeId}, the only one.");
        }
    }

    static CreateTopicsResponse.Topic Refuse(string name, ErrorCode error, string message) =>
        new() { Name = name, Error = error, ErrorMessage = message };

    static CreateTopicsResponse.Topic Describe(Topic topic) => new()
    {
        Name = topic.Name,
        TopicId = topic.Id,
        Partitions = topic.Partitions.Count,
        ReplicationFactor = 1,
        Configs =
        [
            .. ConfigAdmin.Values(topic).Select(c => new CreateTopicsResponse.Config { Name = c.Name, Value = c.Value, Source = (sbyte)c.Source }),
        ],
    };

    DeleteTopicsResponse Delete(RequestContext context, DeleteTopicsRequest request)
    {
        var answers = new List<DeleteTopicsResponse.Topic>();
        var doomed = new List<Topic>();
        foreach (var same in request.Topics.GroupBy(Target))
        {
            var asked = same.First();
            var answer = new DeleteTopicsResponse.Topic { Name = asked.Name, TopicId = asked.TopicId };
            answers.Add(answer);
            Topic? topic;
            if (same.Skip(1).Any())
            {
                // Named twice, perhaps once by its id.
                (answer.Name, answer.TopicId) = (same.Key as string, same.Max(t => t.TopicId));
                (answer.Error, answer.ErrorMessage) = (ErrorCode.InvalidRequest, "Duplicate topic name or id.");
                continue;
            }

            if (request.TimeoutMs <= 0)
            {
                (answer.Error, answer.ErrorMessage) = (ErrorCode.RequestTimedOut, NoTime);
            }
            else if (asked.Name is not null && asked.TopicId != Guid.Empty)
            {
                (answer.Error, answer.ErrorMessage) = (ErrorCode.InvalidRequest, "You may not specify both topic name and topic id.");
            }
            else if (asked.Name is not null)
            {
                if (!catalog.TryGet(asked.Name, out topic))
                {
                    (answer.Error, answer.ErrorMessage) =
                        (ErrorCode.UnknownTopicOrPartition, "This server does not host this topic-partition.");
                }
                else
                {
                    Doom(topic, answer);
                }
            }
            else if (asked.TopicId == Guid.Empty)
            {
                (answer.Error, answer.ErrorMessage) = (ErrorCode.InvalidRequest, "Neither topic name nor id were specified.");
            }
            else if (!catalog.TryGet(asked.TopicId, out topic))
            {
                (answer.Error, answer.ErrorMessage) = (ErrorCode.UnknownTopicId, "This server does not host this topic ID.");
            }
            else
            {
                Doom(topic, answer);
            }
        }

        try
        {
            catalog.Delete(doomed);
        }
        catch (IOException e)
        {
            foreach (var answer in answers.Where(a => a.Error == ErrorCode.None))
            {
                (answer.Error, answer.ErrorMessage) = (ErrorCode.KafkaStorageError, e.Message);
            }
        }

        foreach (var answer in answers.Where(_ => context.Version < 5))
        {
            answer.ErrorMessage = null;
        }

        return new DeleteTopicsResponse { Topics = answers };

        object Target(DeleteTopicsRequest.Topic asked) =>
            asked.Name is { } name ? name : catalog.TryGet(asked.TopicId, out var known) ? known.Name : asked.TopicId;

        void Doom(Topic topic, DeleteTopicsResponse.Topic answer)
        {
            (answer.Name, answer.TopicId) = (topic.Name, topic.Id);
            if (topic.IsInternal)
            {
                // Apache Kafka lets an admin do that and loses every group's place.
                (answer.Error, answer.ErrorMessage) = (ErrorCode.PolicyViolation, $"{topic.Name} holds the broker's own state.");
            }
            else
            {
                doomed.Add(topic);
            }
        }
    }

    CreatePartitionsResponse Grow(CreatePartitionsRequest request)
    {
        var twice = request.Topics.GroupBy(t => t.Name).Where(g => g.Count() > 1).Select(g => g.Key).ToHashSet();
        var answers = new List<CreatePartitionsResponse.Topic>();
        foreach (var asked in request.Topics.DistinctBy(t => t.Name))
        {
            var answer = new CreatePartitionsResponse.Topic { Name = asked.Name };
            answers.Add(answer);
            try
            {
                if (twice.Contains(asked.Name))
                {
                    throw new RefusedException(ErrorCode.InvalidRequest, "Duplicate topic name.");
                }

                if (request.TimeoutMs <= 0)
                {
                    throw new RefusedException(ErrorCode.RequestTimedOut, NoTime);
                }

                if (InternalTopics.All.Contains(asked.Name))
                {
                    throw new RefusedException(ErrorCode.PolicyViolation, $"{asked.Name} holds the broker's own state.");
                }

                CheckAssignments(asked);
                catalog.Grow(asked.Name, asked.Count, request.ValidateOnly);
            }
            catch (RefusedException e)
            {
                (answer.Error, answer.ErrorMessage) = (e.Error, e.Message);
            }
            catch (IOException e)
            {
                (answer.Error, answer.ErrorMessage) = (ErrorCode.KafkaStorageError, e.Message);
            }
        }

        return new CreatePartitionsResponse { Topics = answers };
    }

    void CheckAssignments(CreatePartitionsRequest.Topic asked)
    {
        if (asked.Assignments is null || !catalog.TryGet(asked.Name, out var topic) || asked.Count <= topic.Partitions.Count)
        {
            return;
        }

        var added = asked.Count - topic.Partitions.Count;
        if (asked.Assignments.Count != added)
        {
            throw new RefusedException(
                ErrorCode.InvalidReplicaAssignment,
                $"Attempted to add {added} additional partition(s), but only {asked.Assignments.Count} assignment(s) were specified.");
        }

        if (asked.Assignments.Any(a => a.Brokers is not [ClusterAdmin.NodeId]))
        {
            throw new RefusedException(
                ErrorCode.InvalidReplicaAssignment, $"The manual partition assignment includes another broker than {ClusterAdmin.NodeId}, the only one.");
        }
    }
}
