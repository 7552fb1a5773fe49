package webhook

// Wake lets Run look again, as after the clock was moved.
func (s *Service) Wake() { s.poke() }
