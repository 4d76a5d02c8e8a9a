"""What paragraphs of a plan mean: headings, parts of a programme, quarters and milestones."""
