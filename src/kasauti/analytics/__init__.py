"""What a log says afterwards: round trips, reports, explanations, the proof. It reads and changes nothing."""
