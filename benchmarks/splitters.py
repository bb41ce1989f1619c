"""Compare sentence splitters on gold sentences, hard cases and speed, and print the table in decision 0002.

    python benchmarks/splitters.py --data ../shared/data

A candidate that is not installed is skipped. All of them get the same paragraphs, those of
`vectorstore.sentences`, so what is compared is the splitting within a paragraph; the last row is the
splitter as Footnote ships it.
"""
import argparse, json, subprocess, sys, time
from collections.abc import Callable, Iterable
from pathlib import Path
sys.path.insert(0,'/work/main')
from vectorstore import sentences as S
def locate(pieces, text):
    at=0
    for p in pieces:
        p=p.strip()
        if not p: continue
        i=text.find(p,at)
        if i<0:
            i = at
        yield i,i+len(p)
        at=i+len(p)
def nupunkt():
    from nupunkt import load_default_model
    m=load_default_model()
    return lambda t: m.spans(t, paragraph_breaks=False)
def nupunkt_ad():
    from nupunkt import segmenter
    m=segmenter("sentence",adaptive=True)
    return lambda t: m.spans(t)
def pysbd():
    import pysbd
    m=pysbd.Segmenter(language="en",clean=False)
    return lambda t: locate(m.segment(t),t)
def syntok():
    from syntok import segmenter
    return lambda t: [(s[0].offset,s[-1].offset+len(s[-1].value)) for p in segmenter.analyze(t) for s in p]
def sentencex():
    import sentencex
    return lambda t: [(d['start_index'],d['end_index']) for d in sentencex.get_sentence_boundaries("en",t)]
def blingfire():
    import blingfire
    return lambda t: [(a,b) for a,b in blingfire.text_to_sentences_and_offsets(t)[1]]
def segtok():
    from segtok.segmenter import split_single
    return lambda t: locate(split_single(t),t)
def punkt_en():
    import punkt
    m=punkt.PunktSentenceTokenizer(punkt.load_model("english"))
    return lambda t: list(m.span_tokenize(t))
def punkt_web():
    import punkt
    m=punkt.PunktSentenceTokenizer(punkt.load_model("english_web"))
    return lambda t: list(m.span_tokenize(t))
def cleave():
    import csbd
    m=csbd.Segmenter(language="en",clean=False)
    return lambda t: locate(m.segment(t),t)
def phrasplit():
    from phrasplit import split_sentences
    return lambda t: locate(split_sentences(t,use_spacy=False),t)
def choppa():
    from choppa import Segmenter
def yasbd():
    from yasbd import Segmenter
    m=Segmenter(language="en")
    return lambda t: locate(m.segment(t),t)
def uax29():
    from unicode_segment.sentence import SentenceSegmenter
    m=SentenceSegmenter()
    return lambda t: locate([str(getattr(x,'segment',x[1] if isinstance(x,tuple) else x)) for x in m.segment(t)],t)
def nupunkt_rs():
    import nupunkt_rs
    return lambda t: nupunkt_rs.sent_spans(t)
def ours():
    return lambda t: list(S._sentences(t,0,len(t)))
C=dict(ours=ours,nupunkt=nupunkt,nupunkt_ad=nupunkt_ad,nupunkt_rs=nupunkt_rs,pysbd=pysbd,syntok=syntok,sentencex=sentencex,blingfire=blingfire,segtok=segtok,punkt_en=punkt_en,punkt_web=punkt_web,cleave=cleave,phrasplit=phrasplit,yasbd=yasbd,uax29=uax29)
SLACK=" \n\t\r\"'“”‘’()[]«»`"
def trim(t,a,b):
    while a<b and (t[a].isspace() or t[a] in SLACK): a+=1
    while a<b and (t[b-1].isspace() or t[b-1] in SLACK): b-=1
    return a,b
def gold(folder):
    docs={d['id']:d['text'] for d in map(json.loads,open(folder/'documents.jsonl'))}
    g={}
    for q in map(json.loads,open(folder/'questions.jsonl')):
        spans=[(s['doc_id'],s['start'],s['end']) for s in q.get('gold_spans') or []]
        if not spans:
            for s in q.get('gold_sentences') or []:
                for i in q['gold_doc_ids']:
                    at=docs[i].find(s)
                    if at>=0: spans.append((i,at,at+len(s))); break
        for i,a,b in spans: g.setdefault(i,set()).add((a,b))
    return docs,g
def main():
    data=Path('/work/shared/data')
    sets=['realtimeqa_2022a','qed_dev','squad2_half_dev','squadshifts_newwiki','covidqa','multirc_train','wikiqa_dev','multihop_wiki','trecqa_dev']
    names=sys.argv[1:] or list(C)
    G={s:gold(data/s) for s in sets}
    print('n',{s:sum(map(len,G[s][1].values())) for s in sets})
    for n in names:
        try: f=C[n]()
        except Exception as e: print(n,'skip',repr(e)[:100]); continue
        row=[];t0=0;ch=0;crash=0
        for s in sets:
            docs,g=G[s];ok=tot=0
            for i,spans in g.items():
                t=docs[i]; starts=set();ends=set();pairs=set()
                for a,b in S.paragraphs(t):
                    para=t[a:b].replace('\n',' ')
                    c=time.perf_counter()
                    try: ss=list(f(para))
                    except BaseException as e: crash+=1; ss=[(0,len(para))]
                    t0+=time.perf_counter()-c; ch+=len(para)
                    for x,y in ss: pairs.add(trim(t,a+x,a+y))
                tot+=len(spans)
                for x,y in spans:
                    ok+=trim(t,x,y) in pairs
            row.append(f'{100*ok/tot:5.1f}')
        print(f'{n:12}',*row,f'{ch/t0/1e6:.2f} MB/s','crash',crash,flush=True)
if __name__=='__main__': main()
