namespace StreamSync.Identity;

/// <summary>
/// Keeps the comparison form of a record beside its features. No part of their value: cells are always equal, and a copy of the features with
/// other values does not use the original's view.
/// </summary>
sealed class ViewCell : IEquatable<ViewCell>
{
    FrequencyTable? _table;
    RecordView? _view;

    public RecordView Of(PersonFeatures features, FrequencyTable table)
    {
        var view = _view;
        if (view is null || !ReferenceEquals(view.Features, features) || !ReferenceEquals(_table, table))
        {
            view = RecordView.Of(features, table);
            (_table, _view) = (table, view);
        }

        return view;
    }

    public bool Equals(ViewCell? other) => true;

    public override bool Equals(object? obj) => obj is ViewCell;

    public override int GetHashCode() => 0;
}
