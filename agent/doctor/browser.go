package doctor

import "biobridge/agent/daemon"

// browserFindings says what browsers will ask the shopkeeper.
func browserFindings(cfg daemon.Config) []Finding {
	if len(cfg.Origins) == 0 {
		return []Finding{doubt("origins", "No page is allowed to connect by the configuration.", "Add the portal under [[origins]], or answer when it asks (\"biobridge origin list\").")}
	}
	return []Finding{fine("origins", "The configuration allows "+cfg.Origins[0].Origin+more(len(cfg.Origins)-1)+".")}
}

func more(n int) string {
	if n == 0 {
		return ""
	}
	return " and others"
}
