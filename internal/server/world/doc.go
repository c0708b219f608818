// Package world holds what the endpoint knows at this moment: the estate that
// decides requests, what AWS's APIs show besides, the sessions that were handed
// out, and the objects.
//
// # Records
//
// Whatever an API can change is a record of some [Kind]: a user, a key, a unit of
// an organization. A record is the entity as the estate has it and what the estate
// has no use for, such as the date of its making. It is read by Get and All from a
// [View], and written by Put and Delete within a [World.Change]:
//
//	err := w.Change(ctx, func(c *world.Change) error {
//		u, ok := world.Users.Get(c, account, "alice")
//		if !ok {
//			return noSuchEntity("alice")
//		}
//		u.Attached = append(u.Attached, "arn:aws:iam::aws:policy/ReadOnlyAccess")
//		world.Users.Put(c, account, "alice", u)
//		return nil
//	})
//
// Policy documents are made by [estate.ParseDocument], which keeps their text to
// the letter and takes the file name that explanations point to; by convention
// that is the thing and, behind a question mark, which of its policies:
// "user/alice?policy=read". What no estate knows gets a kind by [NewKind].
//
// # State
//
// A [State], with its estate, is a value that nobody changes. A change makes a new
// one that shares all else, commits it to the store, and then puts it in place;
// changes run one after another, so the store and the memory go through the same
// sequence of states, and a process that dies comes back in the last one that was
// committed.
//
// The store holds one document for each record that was put or deleted. It wins
// over the estate that the endpoint was started with; what was deleted stays
// deleted.
package world
