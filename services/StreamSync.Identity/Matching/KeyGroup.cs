using System.Diagnostics.CodeAnalysis;

namespace StreamSync.Identity;

/// <summary>The members of one match key, by their numbers. Most keys have one member, which then takes no array.</summary>
struct KeyGroup
{
    int _only;
    int[]? _all;

    public int Count { get; private set; }

    [UnscopedRef]
    public readonly ReadOnlySpan<int> Members => _all is null ? new ReadOnlySpan<int>(in _only)[..Count] : _all.AsSpan(0, Count);

    public void Add(int member)
    {
        if (Count == 0)
        {
            _only = member;
        }
        else
        {
            if (_all is null)
            {
                _all = new int[2];
                _all[0] = _only;
            }
            else if (Count == _all.Length)
            {
                Array.Resize(ref _all, Count * 2);
            }

            _all[Count] = member;
        }

        Count++;
    }

    public void Remove(int member)
    {
        var at = Members.IndexOf(member);
        if (at < 0)
        {
            return;
        }

        Count--;
        if (_all is not null)
        {
            _all[at] = _all[Count];
        }
    }
}
