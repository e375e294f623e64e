package ekosim

import "net/http"

// Management returns the second door, for tests in another process.
func (s *Server) Management() http.Handler { return http.NotFoundHandler() }
