namespace StreamSync.LocalKafka.Protocol.Messages;

/// <summary>Replaces all settings of a resource. Deprecated in Java clients, but the only form that some others know.</summary>
sealed class AlterConfigsRequest : IFields
{
    public List<Resource> Resources = [];
    public bool ValidateOnly;

    public void Visit(Wire w)
    {
        w.Array(ref Resources);
        w.Bool(ref ValidateOnly);
    }

    internal sealed class Resource : IFields
    {
        public sbyte Type;
        public string Name = "";
        public List<ConfigEntry> Configs = [];

        public void Visit(Wire w)
        {
            w.Int8(ref Type);
            w.String(ref Name);
            w.Array(ref Configs);
        }
    }
}

/// <summary>Changes single settings of a resource (KIP-339).</summary>
sealed class IncrementalAlterConfigsRequest : IFields
{
    public List<Resource> Resources = [];
    public bool ValidateOnly;

    public void Visit(Wire w)
    {
        w.Array(ref Resources);
        w.Bool(ref ValidateOnly);
    }

    internal sealed class Resource : IFields
    {
        public sbyte Type;
        public string Name = "";
        public List<Change> Configs = [];

        public void Visit(Wire w)
        {
            w.Int8(ref Type);
            w.String(ref Name);
            w.Array(ref Configs);
        }
    }

    internal sealed class Change : IFields
    {
        public string Name = "";

        /// <summary>0 set, 1 delete, 2 append to a list, 3 subtract from a list.</summary>
        public sbyte Operation;
        public string? Value;

        public void Visit(Wire w)
        {
            w.String(ref Name);
            w.Int8(ref Operation);
            w.NullableString(ref Value);
        }
    }
}

/// <summary>The answer to both forms.</summary>
sealed class AlterConfigsResponse : IFields
{
    public int ThrottleTimeMs;
    public List<Resource> Resources = [];

    public void Visit(Wire w)
    {
        w.Int32(ref ThrottleTimeMs);
        w.Array(ref Resources);
    }

    internal sealed class Resource : IFields
    {
        public ErrorCode Error;
        public string? ErrorMessage;
        public sbyte Type;
        public string Name = "";

        public void Visit(Wire w)
        {
            w.Error(ref Error);
            w.NullableString(ref ErrorMessage);
            w.Int8(ref Type);
            w.String(ref Name);
        }
    }
}
