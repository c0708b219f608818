package redact

import (
	"crypto/hmac"
	"crypto/sha256"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// The alphabets of ids.
const (
	lower  = "abcdefghijklmnopqrstuvwxyz"
	digits = "0123456789"
	hexa   = "0123456789abcdef"
	uppers = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789" // of unique ids of IAM
)

// permuted is an alphabet in another order, in which no letter stands where it stood,
// for one place: what comes before it.
func (r *Redactor) permuted(alphabet, before string) []rune {
	key := strconv.Itoa(r.salt) + alphabet + "\x00" + before
	if p, ok := r.alphabets[key]; ok {
		return p
	}
	mac := hmac.New(sha256.New, r.secret)
	mac.Write([]byte(key))
	source := rand.New(rand.NewChaCha8([32]byte(mac.Sum(nil))))
	p := []rune(alphabet)
	for i := len(p) - 1; i > 0; i-- { // one cycle: S. Sattolo, 1986
		j := source.IntN(i)
		p[i], p[j] = p[j], p[i]
	}
	r.alphabets[key] = p
	return p
}

// spell spells a text in an alphabet anew. What is not of it stays.
func (r *Redactor) spell(alphabet, text string) string {
	letters := []rune(alphabet)
	var out strings.Builder
	for i, c := range text {
		if at := slices.Index(letters, c); at >= 0 {
			c = r.permuted(alphabet, text[:i])[at]
		}
		out.WriteRune(c)
	}
	return out.String()
}

// letters spells a word of letters anew, in the same case.
func (r *Redactor) letters(word string) string {
	var out strings.Builder
	before := ""
	for _, c := range word {
		small := unicode.ToLower(c)
		alphabet := alphabetOf(small)
		to := small
		if at := slices.Index([]rune(alphabet), small); at >= 0 {
			to = r.permuted(alphabet, before)[at]
		}
		if small != c {
			to = unicode.ToUpper(to)
		}
		out.WriteRune(to)
		before += string(small)
	}
	return out.String()
}

// alphabetOf is that of a small letter: a to z, or the small letters of the same
// block of Unicode.
func alphabetOf(c rune) string {
	if c < unicode.MaxASCII {
		return lower
	}
	var out strings.Builder
	for other := c &^ 0xff; other <= c|0xff; other++ {
		if unicode.IsLetter(other) && unicode.ToLower(other) == other && unicode.ToLower(unicode.ToUpper(other)) == other {
			out.WriteRune(other)
		}
	}
	return out.String()
}
