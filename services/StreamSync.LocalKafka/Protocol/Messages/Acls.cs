namespace StreamSync.LocalKafka.Protocol.Messages;

/// <summary>A rule of who may do what, or a pattern of such rules. Nothing is forbidden here, so nobody looks into it.</summary>
sealed class AclPattern : IFields
{
    public sbyte ResourceType;
    public string? ResourceName;
    public sbyte PatternType = 3;
    public string? Principal;
    public string? Host;
    public sbyte Operation;
    public sbyte Permission;

    public void Visit(Wire w)
    {
        w.Int8(ref ResourceType);
        w.NullableString(ref ResourceName);
        w.Int8(ref PatternType);
        w.NullableString(ref Principal);
        w.NullableString(ref Host);
        w.Int8(ref Operation);
        w.Int8(ref Permission);
    }
}

sealed class DescribeAclsRequest : IFields
{
    readonly AclPattern _pattern = new();

    // The fields of the pattern stand in the request itself.
    public void Visit(Wire w) => _pattern.Visit(w);
}

sealed class DescribeAclsResponse : IFields
{
    public int ThrottleTimeMs;
    public ErrorCode Error;
    public string? ErrorMessage;

    public void Visit(Wire w)
    {
        w.Int32(ref ThrottleTimeMs);
        w.Error(ref Error);
        w.NullableString(ref ErrorMessage);
        var resources = new List<AclPattern>();
        w.Array(ref resources);
    }
}

/// <summary>Rules to make, or patterns of rules to delete.</summary>
sealed class ChangeAclsRequest : IFields
{
    public List<AclPattern> Acls = [];

    public void Visit(Wire w) => w.Array(ref Acls);
}

sealed class CreateAclsResponse : IFields
{
    public int ThrottleTimeMs;
    public List<Result> Results = [];

    public void Visit(Wire w)
    {
        w.Int32(ref ThrottleTimeMs);
        w.Array(ref Results);
    }

    internal sealed class Result : IFields
    {
        public ErrorCode Error;
        public string? ErrorMessage;

        public void Visit(Wire w)
        {
            w.Error(ref Error);
            w.NullableString(ref ErrorMessage);
        }
    }
}

sealed class DeleteAclsResponse : IFields
{
    public int ThrottleTimeMs;
    public List<Result> Results = [];

    public void Visit(Wire w)
    {
        w.Int32(ref ThrottleTimeMs);
        w.Array(ref Results);
    }

    internal sealed class Result : IFields
    {
        public ErrorCode Error;
        public string? ErrorMessage;

        public void Visit(Wire w)
        {
            w.Error(ref Error);
            w.NullableString(ref ErrorMessage);
            var matching = new List<AclPattern>();
            w.Array(ref matching);
        }
    }
}
