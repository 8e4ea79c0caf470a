using System.Text;
using StreamSync.Contracts;
using StreamSync.Identity;
using StreamSync.Processors.Streaming;
using Decision = StreamSync.Contracts.Identity.IdentityDecision;

namespace StreamSync.Processors.Identity;

/// <summary>
/// Third stage, by org: keeps the graph of records, links and decisions, and every few milliseconds groups what changed and publishes who is
/// who. A burst of records of one person is so grouped once.
/// </summary>
/// <param name="settings">What the stages share.</param>
/// <param name="publish">Makes what publishes the outcome.</param>
sealed class GraphStage(IdentitySettings settings, Func<IStageContext, IPeoplePublisher> publish) : IStage
{
    public const string Name = "graph";

    static readonly TimeSpan FlushInterval = TimeSpan.FromMilliseconds(20);

    IStageContext _context = null!;
    GraphState _state = null!;
    IPeoplePublisher _publisher = null!;

    public void Start(IStageContext context)
    {
        _context = context;
        _state = context.State<GraphState>();
        _publisher = publish(context);
        _context.Every(FlushInterval, Flush);
        settings.Desk?.Open(context, _state);
    }

    public void Process(in StageRecord record)
    {
        var reader = new PackReader(record.Value);
        var kind = (GraphMessageKind)reader.Byte();
        var graph = _state.Of(Encoding.UTF8.GetString(record.Key)).Graph;
        switch (kind)
        {
            case GraphMessageKind.Record:
                graph.Apply(reader.Bytes(), reader.Bytes());
                break;
            case GraphMessageKind.RecordGone:
                graph.Delete(Encoding.UTF8.GetString(reader.Rest));
                break;
            case GraphMessageKind.Links:
                Link(graph, ref reader, isAnotherModel: false);
                break;
            case GraphMessageKind.WeighedLinks:
                Link(graph, ref reader, reader.Fixed() != _state.Stamp);
                break;
            case GraphMessageKind.Decision:
                graph.Apply(Of(settings.Decision.Decode(reader.Rest)));
                break;
            case GraphMessageKind.DecisionGone:
                // With the time of what is taken back: any later decision on the pair overrules it, whatever the clock of this process says. Who took
                // it back is not known; its author is another's.
                graph.Apply(Of(settings.Decision.Decode(reader.Rest)) with { Kind = DecisionKind.Withdrawn, Author = "", Reason = "" });
                break;
            default:
                throw new InvalidDataException("the topic before the graph holds a message of another version");
        }
    }

    static void Link(PersonGraph graph, ref PackReader reader, bool isAnotherModel)
    {
        var partition = reader.Count();
        for (var i = reader.Count(); i > 0; i--)
        {
            var link = LinkChange.FromBytes(reader.Bytes());
            if (isAnotherModel)
            {
                graph.ApplyWeighedAnew(link, partition);
            }
            else
            {
                graph.Apply(link, partition);
            }
        }
    }

    void Flush()
    {
        if (_state.TakeModel())
        {
            foreach (var org in _state.Orgs)
            {
                org.Graph.WeighAnew();
            }
        }

        foreach (var org in _state.Orgs)
        {
            if (org.Table.IsDirty)
            {
                _publisher.Publish(org, org.Graph.Flush());
            }
        }
    }

    static IdentityDecision Of(Decision decision) => new(
        decision.DecisionId, KindOf(decision.Kind), decision.AUrn, decision.BUrn, decision.Author, decision.Reason,
        new DateTimeOffset(DateTime.SpecifyKind(decision.At, DateTimeKind.Utc)));

    static DecisionKind KindOf(string kind) => kind switch
    {
        Decisions.MustLink => DecisionKind.MustLink,
        Decisions.CannotLink => DecisionKind.CannotLink,
        _ => DecisionKind.Withdrawn,
    };
}
