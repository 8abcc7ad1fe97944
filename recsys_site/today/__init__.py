"""The first page of the day: what needs attention, figures, changes, where one was."""
