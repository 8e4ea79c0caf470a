namespace StreamSync.Identity;

/// <summary>How right a set of pairs is.</summary>
/// <param name="Precision">Share of the pairs found that are true; 1 when none was found.</param>
/// <param name="Recall">Share of the true pairs that were found; 1 when there are none.</param>
public readonly record struct Quality(double Precision, double Recall)
{
    /// <summary>Harmonic mean of the two.</summary>
    public double F1 => Precision + Recall == 0 ? 0 : 2 * Precision * Recall / (Precision + Recall);

    /// <summary>From counts.</summary>
    public static Quality Of(long right, long found, long truth) =>
        new(found == 0 ? 1 : (double)right / found, truth == 0 ? 1 : (double)right / truth);
}
