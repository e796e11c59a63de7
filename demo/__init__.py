"""A Home Assistant to look at: the integration, signed in to the simulator, on this machine alone."""
