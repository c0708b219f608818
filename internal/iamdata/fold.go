package iamdata

// lower folds an ASCII letter. AWS documents case-insensitive names in ASCII only, so no other letter folds.
func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// equalFold reports whether a and b differ in the case of ASCII letters at most.
func equalFold(a, b string) bool {
	return len(a) == len(b) && compareFold(a, b) == 0
}

// compareFold orders strings as their lower-case forms.
func compareFold(a, b string) int {
	for i := 0; i < len(a) && i < len(b); i++ {
		if x, y := lower(a[i]), lower(b[i]); x != y {
			return int(x) - int(y)
		}
	}
	return len(a) - len(b)
}

// hasPrefixFold and hasSuffixFold are strings.HasPrefix and strings.HasSuffix without regard to ASCII case.
func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && equalFold(s[:len(prefix)], prefix)
}

func hasSuffixFold(s, suffix string) bool {
	return len(s) >= len(suffix) && equalFold(s[len(s)-len(suffix):], suffix)
}

// foldedHash is FNV-1a of the lower-case form.
func foldedHash(s string) uint32 {
	h := uint32(2166136261)
	for i := 0; i < len(s); i++ {
		h = (h ^ uint32(lower(s[i]))) * 16777619
	}
	return h
}

// lowerString returns the lower-case form, s itself where it has no capital.
func lowerString(s string) string {
	for i := 0; i < len(s); i++ {
		if c := s[i]; 'A' <= c && c <= 'Z' {
			b := []byte(s)
			for ; i < len(b); i++ {
				b[i] = lower(b[i])
			}
			return string(b)
		}
	}
	return s
}
