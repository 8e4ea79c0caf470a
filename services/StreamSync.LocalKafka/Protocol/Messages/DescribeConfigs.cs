namespace StreamSync.LocalKafka.Protocol.Messages;

sealed class DescribeConfigsRequest : IFields
{
    public List<Resource> Resources = [];
    public bool IncludeSynonyms;
    public bool IncludeDocumentation;

    public void Visit(Wire w)
    {
        w.Array(ref Resources);
        w.Bool(ref IncludeSynonyms);
        if (w.Version >= 3)
        {
            w.Bool(ref IncludeDocumentation);
        }
    }

    internal sealed class Resource : IFields
    {
        public sbyte Type;
        public string Name = "";

        /// <summary>Null: every setting.</summary>
        public List<string>? Keys;

        public void Visit(Wire w)
        {
            w.Int8(ref Type);
            w.String(ref Name);
            w.NullableStrings(ref Keys);
        }
    }
}

sealed class DescribeConfigsResponse : IFields
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
        public sbyte Type;
        public string Name = "";
        public List<Config> Configs = [];

        public void Visit(Wire w)
        {
            w.Error(ref Error);
            w.NullableString(ref ErrorMessage);
            w.Int8(ref Type);
            w.String(ref Name);
            w.Array(ref Configs);
        }
    }

    internal sealed class Config : IFields
    {
        public string Name = "";
        public string? Value;
        public bool ReadOnly;
        public sbyte Source = -1;
        public bool IsSensitive;
        public List<Synonym> Synonyms = [];
        public sbyte Type;
        public string? Documentation;

        public void Visit(Wire w)
        {
            w.String(ref Name);
            w.NullableString(ref Value);
            w.Bool(ref ReadOnly);
            w.Int8(ref Source);
            w.Bool(ref IsSensitive);
            w.Array(ref Synonyms);
            if (w.Version >= 3)
            {
                w.Int8(ref Type);
                w.NullableString(ref Documentation);
            }
        }
    }

    internal sealed class Synonym : IFields
    {
        public string Name = "";
        public string? Value;
        public sbyte Source;

        public void Visit(Wire w)
        {
            w.String(ref Name);
            w.NullableString(ref Value);
            w.Int8(ref Source);
        }
    }
}
