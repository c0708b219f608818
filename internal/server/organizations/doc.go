// Package organizations is AWS Organizations: the organization, its units and
// accounts, and its service control, resource control and S3 policies, which decide
// requests from the moment of a change.
//
// All of an organization stands in the world under its management account.
// Accounts are made at once and are usable. Delegated administrators, trusted access
// of services, and the closing of accounts are not there.
package organizations
