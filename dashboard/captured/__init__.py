"""What was captured, on screen: records, pointer paths, notes and the timeline."""
