using System.Runtime.CompilerServices;

namespace StreamSync.Identity;

/// <summary>How one field of two records compares.</summary>
/// <param name="Level">Comparison level; see <see cref="Levels"/>.</param>
/// <param name="Rarity">Bits, in hundredths, by which the value they agree on is rare; 0 where they agree on none.</param>
readonly record struct Outcome(byte Level, short Rarity);

/// <summary>The outcomes of all fields.</summary>
[InlineArray(Levels.FieldCount)]
struct Outcomes
{
    Outcome _first;
}
