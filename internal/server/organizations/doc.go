// Package organizations is AWS Organizations: the organization, its units and
// accounts, and its service control, resource control and S3 policies, which decide
// requests from the moment of a change.
//
// All of an organization stands in the world under its management account.
// Accounts are made at once and are usable, and closed ones only show it. Delegated
// administrators may read what the management account may; resource policies are not
// there.
package organizations
