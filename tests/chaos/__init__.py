"""What is promised, proven by killing it: faults, crashes, power cuts, full disks."""
