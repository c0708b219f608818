package demo

import "slices"

// Scenarios returns all scenarios, in the order in which they are told: what
// policies say, what crosses accounts, keys, settings, limits from above, and how
// requests are signed.
func Scenarios() []Scenario {
	return slices.Concat(policyScenarios, accountScenarios, keyScenarios, publicScenarios, limitScenarios, objectScenarios, credentialScenarios, presignedScenarios)
}

// Names returns the names of all scenarios.
func Names() []string {
	var list []string
	for _, s := range Scenarios() {
		list = append(list, s.Name)
	}
	return list
}
