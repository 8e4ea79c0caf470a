using System.Text;
using StreamSync.Contracts;
using StreamSync.Contracts.Entity;
using StreamSync.Kafka.Serdes;
using StreamSync.Processors.Standardiser;
using StreamSync.Processors.Streaming;

namespace StreamSync.Processors.Activity;

/// <summary>
/// First stage, by the entity's own URN: brings each contact into its kept form and sends it to the partition of its person record. It keeps
/// no state: who a contact pointed to before travels with the contact (<see cref="PersonRefs"/>). User accounts, of which there are few, go to
/// every partition, so that no contact has to travel to its canvasser too.
/// </summary>
sealed class TouchStage(ActivitySettings settings) : IStage
{
    public const string Name = "touches";

    readonly PackWriter _writer = new();
    readonly PackWriter _piece = new();
    IStageContext _context = null!;

    public void Start(IStageContext context) => _context = context;

    public void Process(in StageRecord record)
    {
        try
        {
            if (record.Topic == settings.AccountTopic)
            {
                Spread(record);
            }
            else if (record.Value is null)
            {
                Delete(record);
            }
            else
            {
                Send(record, settings.Decoders[record.Topic](record.Value));
            }
        }
        catch (InvalidDataException e)
        {
            var entry = settings.Run.Quarantined(Name, record, "undecodable", e.Message, "see which program wrote it; replay the entry after mending it", null);
            _context.Send(StageOutputs.Quarantine, Encoding.UTF8.GetBytes(entry.QuarantineId), settings.Run.EncodeQuarantine(entry));
        }
    }

    void Send(in StageRecord record, IEntity entity)
    {
        var (touch, canvasser) = TouchMapper.Map(entity);
        touch.CanvasserId = canvasser?.CanvasserId!;
        _writer.Clear();
        _writer.Byte((byte)TouchMessageKind.Put);
        _writer.Bytes(record.Key);
        _writer.Optional(canvasser?.CanvasserId);
        _writer.Optional(canvasser?.UserScope);
        _writer.Optional(canvasser?.Name);
        _writer.Optional(canvasser?.Kind);
        _writer.Optional(canvasser?.NameSource);
        _writer.Optional(canvasser?.PersonRef);
        TouchLayout.Write(touch, _writer, _piece);
        var home = HomeOf(record.Key, touch.PersonRef);
        _context.Send(ProgramStage.Input, home, _writer.ToArray());
        foreach (var former in PersonRefs.In(record.Headers))
        {
            _writer.Clear();
            _writer.Byte((byte)TouchMessageKind.Moved);
            _writer.Bytes(record.Key);
            _writer.Bytes(home);
            _context.Send(ProgramStage.Input, HomeOf(record.Key, former), _writer.ToArray());
        }
    }

    void Delete(in StageRecord record)
    {
        _writer.Clear();
        _writer.Byte((byte)TouchMessageKind.Deleted);
        _writer.Bytes(record.Key);
        var message = _writer.ToArray();
        var homes = PersonRefs.In(record.Headers);
        foreach (var home in homes.Count == 0 ? [string.Empty] : homes)
        {
            _context.Send(ProgramStage.Input, HomeOf(record.Key, home), message);
        }
    }

    void Spread(in StageRecord record)
    {
        byte[] message;
        if (record.Value is null)
        {
            _writer.Clear();
            _writer.Byte((byte)TouchMessageKind.AccountGone);
            _writer.Bytes(record.Key);
            message = _writer.ToArray();
        }
        else
        {
            message = Account.Message((UserAccount)settings.Decoders[record.Topic](record.Value), _writer);
        }

        for (var partition = 0; partition < settings.Routes.Partitions; partition++)
        {
            _context.Send(ProgramStage.Input, settings.Routes.KeyFor(partition), message);
        }
    }

    /// <summary>The key under which a touch lives: its person record, or itself when it points to none.</summary>
    static byte[] HomeOf(byte[] urn, string? personRef) => string.IsNullOrEmpty(personRef) ? urn : Encoding.UTF8.GetBytes(personRef);
}
