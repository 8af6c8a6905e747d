"""Stories: one file per act that crosses slices. The ifs are here; SQL and arithmetic are not."""
