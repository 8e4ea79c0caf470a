namespace StreamSync.Identity;

/// <summary>
/// How often each comparison level of a field occurs among pairs of records of one person (m) and among pairs of strangers (u); Fellegi and
/// Sunter 1969. Missing values carry no evidence and take no part.
/// </summary>
/// <param name="M">Share of each level among one person's pairs; index 0 (missing) is unused.</param>
/// <param name="U">Share of each level among strangers' pairs.</param>
/// <param name="RarityShare">
/// How far the rarity of the agreeing value replaces -log2 u: 1 takes the value's own frequency (term-frequency adjustment), 0 the level's.
/// </param>
sealed record FieldParameters(double[] M, double[] U, double[] RarityShare);
