"""The reader of published plans: from a document's lines to programmes and milestones."""
