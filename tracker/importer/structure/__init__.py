"""The meaning of paragraphs of a plan: headings, parts of a programme, quarters and milestones."""
