package doctor

import (
	"errors"
	"strings"

	"biobridge/agent/browserpolicy"
	"biobridge/agent/daemon"
)

// browsers says which pages may connect, and what browsers will ask for them.
func (e Examination) browsers(cfg daemon.Config) []Finding {
	if len(cfg.Origins) == 0 {
		return []Finding{
			doubt("origins", "No page is allowed to connect by the configuration.", "Add the portal under [[origins]], or answer when it asks (\"biobridge origin list\")."),
			skipped("browser_policy", "No page is configured that a policy could be about."),
		}
	}
	findings := []Finding{fine("origins", "The configuration allows "+cfg.Origins[0].Origin+more(len(cfg.Origins)-1)+".")}
	for _, o := range cfg.Origins {
		findings = append(findings, e.policy(o.Origin))
	}
	return findings
}

// policy says what the browsers' policies answer to one page.
func (e Examination) policy(origin string) Finding {
	said, err := e.Policies.Look(origin)
	switch {
	case errors.Is(err, browserpolicy.ErrOrigin):
		return fine("browser_policy", "No policy can be about "+origin+": policies are for https pages.")
	case err != nil:
		return doubt("browser_policy", "The browsers' policies can't be read: "+err.Error()+".", "Correct that file, or run doctor as an administrator.")
	}
	by := map[browserpolicy.Answer][]string{}
	for _, s := range said {
		by[s.Answer] = append(by[s.Answer], s.Browser)
	}
	if blocked := by[browserpolicy.Blocked]; len(blocked) > 0 {
		return doubt("browser_policy", "A policy keeps "+origin+" from the bridge in "+strings.Join(blocked, ", ")+".",
			"Have whoever manages this PC take the page out of LoopbackNetworkBlockedForUrls, or use another browser.")
	}
	if allowed := by[browserpolicy.Allowed]; len(allowed) > 0 {
		return fine("browser_policy", strings.Join(allowed, ", ")+" let "+origin+" in by policy, without asking.")
	}
	return fine("browser_policy", "No policy answers for "+origin+": each browser asks its user once, who chooses Allow.")
}

func more(n int) string {
	if n == 0 {
		return ""
	}
	return " and others"
}
